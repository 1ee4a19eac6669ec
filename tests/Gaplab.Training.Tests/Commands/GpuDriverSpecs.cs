// What nvidia-smi says of GPUs that a run has had: they are given away again when nothing computes there.
using Gaplab.Studies.Commands;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Commands;

[Collection(nameof(StartedProgram))] // for it changes the process's own folder and path
public sealed class GpuDriverSpecs
{
    [Fact]
    public void A_gpu_that_still_computes_is_waited_for()
    {
        using var folder = new TestFolder();
        // A driver that names a process for the first three times it is asked.
        string driver = folder.Write(
            "nvidia-smi",
            "#!/bin/sh\nn=$(cat count 2>/dev/null || echo 0); echo $((n + 1)) > count; [ $n -lt 3 ] && echo 4711; exit 0\n"
        );
        using (var chmod = System.Diagnostics.Process.Start("chmod", ["+x", driver]))
            chmod.WaitForExit();
        string? path = Environment.GetEnvironmentVariable("PATH");
        string here = Directory.GetCurrentDirectory();
        try
        {
            Environment.SetEnvironmentVariable("PATH", folder.Path + ":" + path);
            Directory.SetCurrentDirectory(folder.Path);
            Assert.Empty(GpuPool.UntilFree(["0"], [], shared: false));
            Assert.Equal("4", File.ReadAllText(folder.File("count")).Trim());
            Assert.Empty(GpuPool.Computing(["0"]));
        }
        finally
        {
            Directory.SetCurrentDirectory(here);
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }
}
