// GPUs that are named and not there: no two runs ever hold one at once, of one study or of two.
using System.Globalization;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Commands;

public sealed class GpuPoolSpecs
{
    [Theory]
    [InlineData("1", 3, 1)]
    [InlineData("2", 1, 1)]
    [InlineData("0.5", 6, 2)]
    public void Two_studies_at_once_never_put_more_runs_on_a_gpu_than_they_were_asked_to(string gpus, int atOnce, int each)
    {
        const string logs =
            "echo \"+ $CUDA_VISIBLE_DEVICES $(date +%s%N)\" >> $CUDA_LOG; sleep 0.05; echo \"- $CUDA_VISIBLE_DEVICES "
            + "$(date +%s%N)\" >> $CUDA_LOG";
        string script = ScriptFolder.Train.Replace("# BEFORE END", logs, StringComparison.Ordinal);
        using var first = new ScriptFolder(script, model: $"  gpus: {gpus}");
        using var second = new ScriptFolder(script, model: $"  gpus: {gpus}");
        string log = first.File("gpus");
        // The pool's locks are the user's; a folder of temporary files of the test's own keeps others' GPUs out of it.
        var environment = new Dictionary<string, string>
        {
            ["CUDA_VISIBLE_DEVICES"] = "GPU-a,GPU-b,GPU-c",
            ["CUDA_LOG"] = log,
            ["TMPDIR"] = first.Path,
        };
        using (StartedProgram a = StartedProgram.Start(first.Path, environment, first.Command(workers: 8)))
        using (StartedProgram b = StartedProgram.Start(second.Path, environment, second.Command(workers: 8)))
        {
            a.Wait().AssertSucceeded();
            b.Wait().AssertSucceeded();
        }
        (bool Begins, string[] Gpus, long Time)[] events =
        [
            .. File.ReadAllLines(log)
                .Select(l => l.Split(' '))
                .Select(f => (f[0] == "+", f[1].Split(','), long.Parse(f[2], CultureInfo.InvariantCulture)))
                .OrderBy(e => e.Item3),
        ];
        Assert.Equal(4 * 36, events.Length);
        var held = new Dictionary<string, int>();
        int running = 0,
            most = 0;
        foreach ((bool begins, string[] devices, _) in events)
        {
            running += begins ? 1 : -1;
            most = Math.Max(most, running);
            Assert.Equal(gpus == "2" ? 2 : 1, devices.Length);
            foreach (string device in devices)
            {
                Assert.Contains(device, (string[])["GPU-a", "GPU-b", "GPU-c"]);
                held[device] = held.GetValueOrDefault(device) + (begins ? 1 : -1);
                Assert.True(held[device] <= each, $"{device} had {held[device]} runs at once");
            }
        }
        Assert.True(most <= atOnce, $"{most} runs at once");
    }
}
