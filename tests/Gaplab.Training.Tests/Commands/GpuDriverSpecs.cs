// What nvidia-smi says of GPUs that a run has had: they are given away again when nothing computes there.
using Gaplab.Studies.Commands;
using Gaplab.Studies.Running;
using Gaplab.Torch;
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

    [Fact]
    public void The_least_memory_and_the_names_of_the_GPUs_are_the_drivers()
    {
        using var folder = new TestFolder();
        string driver = folder.Write(
            "nvidia-smi",
            """
            #!/bin/sh
            case "$*" in
                *query-gpu=index*) printf '0\n1\n' ;;
                *--id=0,1*memory.total*) printf '143771 MiB\n81559 MiB\n' ;;
                *--id=0,1*name*) printf 'NVIDIA H200\nNVIDIA H100\n' ;;
            esac
            """
        );
        using (var chmod = System.Diagnostics.Process.Start("chmod", ["+x", driver]))
            chmod.WaitForExit();
        string? path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            Environment.SetEnvironmentVariable("PATH", folder.Path + ":" + path);
            Assert.Equal(81559L << 20, GpuPool.LeastMemory());
            Assert.Equal("NVIDIA H200, NVIDIA H100", GpuPool.Models());
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
        Assert.SkipWhen(GpuPool.Here().Count > 0, "this machine has a GPU");
        Assert.Null(GpuPool.LeastMemory());
        Assert.Equal("", GpuPool.Models());
    }

    [Fact]
    public void Each_GPU_has_one_worker_and_a_CPU_as_many_as_are_asked_for()
    {
        var two = new TrainingDevices([Device.Cuda(0), Device.Cuda(1)]);
        Assert.Equal((1, 2, 2), (two.Workers(1), two.Workers(2), two.Workers(16)));
        Assert.Equal(["cuda:0", "cuda:1", "cuda:0"], Enumerable.Range(0, 3).Select(i => two.Of(i).ToString()));
        var near = TrainingDevices.Of("cpu");
        Assert.Equal((16, Device.Cpu, (long?)null), (near.Workers(16), near.Of(3), near.Memory()));
    }
}
