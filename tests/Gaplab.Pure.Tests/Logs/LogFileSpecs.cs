// Text formats as their tools write them: Lightning, Keras, Ray, Hugging Face, and what people write by hand.
using Gaplab.Numerics;
using Gaplab.Results.Logs;

namespace Gaplab.Pure.Tests.Logs;

public sealed class LogFileSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Empty_cells_of_Lightning_are_no_values()
    {
        _folder.Write(
            "lightning_logs/version_0/metrics.csv",
            "epoch,step,train_loss_epoch,train_loss_step,val_loss\r\n"
                + "0,49,,2.25,\r\n0,99,,2.0,\r\n0,99,,,2.125\r\n0,99,2.5,,\r\n1,149,,nan,\r\n"
        );
        RunMetrics metrics = Read(("validation-loss", ""), ("step-loss", "train_loss_step"));
        Assert.Equal([(99L, 2.125)], Points(metrics, "validation-loss"));
        Assert.Equal([(49L, 2.25), (99, 2), (149, double.NaN)], Points(metrics, "step-loss"));
        Assert.Equal([0.0, 0, 1], metrics.Get("step-loss").Points.Select(p => p.Position.Epoch!.Value));
        Assert.Empty(metrics.Problems);
    }

    [Theory]
    [InlineData("training.log", "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,2.5,0.25,3\n1,0.75,2,0.5,2.5\n")] // Keras' CSVLogger
    [InlineData("log.csv", "\uFEFFepoch;val_loss\n0;3\n1;2.5\n")]
    [InlineData("log.tsv", "epoch\tval_loss\n0\t3\n1\t2.5\n")]
    [InlineData("log.csv", "\"epoch\",\"val_loss\",\"note\"\n0,3,\"a, \"\"b\"\"\"\n1,2.5,\n")]
    [InlineData("log.csv", "epoch,val_loss\n0,3\nepoch,val_loss\n1,2.5")] // the header again, no line end
    [InlineData("log.csv", "epoch,val_loss\n0,3\n\n1,2.5,,\n1")] // blank line, fields beyond the header, a torn row
    public void Tables_of_all_kinds_are_read(string name, string text)
    {
        _folder.Write(name, text);
        MetricSeries loss = Read(("validation-loss", "")).Get("validation-loss");
        Assert.Equal([(0.0, 3.0), (1, 2.5)], loss.Points.Select(p => (p.Position.Epoch!.Value, p.Value)));
    }

    [Fact]
    public void Short_rows_are_problems_with_their_lines()
    {
        _folder.Write("metrics.csv", "step,val_loss,x\n1,3,0\n2\n3,2,0\n4,1");
        RunMetrics metrics = Read(("validation-loss", ""));
        Assert.Equal([(1L, 3.0), (3, 2)], Points(metrics, "validation-loss"));
        Assert.Equal(
            ["metrics.csv, line 3: 1 fields where the header has 3", "metrics.csv, line 5: 2 fields where the header has 3"],
            metrics.Problems.Select(p => p.ToString())
        );
    }

    [Fact]
    public void An_open_quote_does_not_swallow_the_file()
    {
        _folder.Write("metrics.csv", "step,note,val_loss\n1,a,3\n2,\"open,2\n" + string.Concat(Enumerable.Repeat("3,c,1\n", 1000)));
        Assert.Equal(1, Read(("validation-loss", "")).Get("validation-loss").Points[^1].Value);
    }

    /// <summary>The Trainer logs its own loss, and a summary at the end; each checkpoint has the history so far.</summary>
    [Fact]
    public void The_checkpoint_of_most_steps_has_the_history()
    {
        static string State(int step, params (int Step, double Loss)[] history) =>
            $"{{\"global_step\": {step}, \"best_metric\": NaN, \"log_history\": ["
            + string.Join(
                ", ",
                history.Select(h =>
                    FormattableString.Invariant(
                        $"{{\"step\": {h.Step}, \"epoch\": 0.5, \"loss\": 9}}, {{\"step\": {h.Step}, \"eval_loss\": {h.Loss}}}"
                    )
                )
            )
            + ", {\"step\": 1000, \"train_loss\": 3, \"train_runtime\": 1.5}]}";
        _folder.Write("checkpoint-500/trainer_state.json", State(500, (500, 3)));
        _folder.Write("checkpoint-1000/trainer_state.json", State(1000, (500, 3), (1000, 2)));
        // Killed while it wrote.
        _folder.Write("checkpoint-1500/trainer_state.json", State(1500, (500, 3))[..60]);
        RunMetrics metrics = Read(("validation-loss", ""), ("train-loss", ""));
        Assert.Equal([(500L, 3.0), (1000, 2)], Points(metrics, "validation-loss"));
        Assert.Equal(("checkpoint-1000/trainer_state.json", "loss"), (metrics.Get("train-loss").File, metrics.Get("train-loss").Name));
        // When training has ended, it stands in the folder itself as well.
        _folder.Write("trainer_state.json", State(1000, (500, 3), (1000, 2.5)));
        Assert.Equal((1000L, 2.5), Points(Read(("validation-loss", "")), "validation-loss")[^1]);
    }

    [Fact]
    public void A_real_state_of_the_Trainer_is_read()
    {
        _folder.Write("trainer_state.json", File.ReadAllBytes(TestFolder.RealData("trackers/hf/aig.trainer_state.json")));
        RunMetrics metrics = Read(("group", "eval_g5_loss"), ("validation-loss", ""));
        MetricSeries group = metrics.Get("group");
        Assert.Equal((12030L, 4.835134983062744), (group.Points[^1].Position.Step, group.Points[^1].Value));
        Assert.Equal((31, 30.0), (group.Points.Count, group.Points[^1].Position.Epoch));
        // Six groups are evaluated, none of which is "the" validation loss.
        Assert.Contains("nearest: ", metrics.Fault("validation-loss"), StringComparison.Ordinal);
        Assert.Empty(metrics.Problems);
    }

    [Theory]
    [InlineData("{\"val_loss\": 2.5}")]
    [InlineData("{\"val\": {\"loss\": 2.5, \"name\": \"x\"}, \"done\": true}")]
    [InlineData("{\"val_loss\": [4, 3, 2.5]}")]
    [InlineData("{\"history\": {\"loss\": [1, 2, 3], \"val_loss\": [4, null, 2.5]}}")]
    [InlineData("[{\"epoch\": 1, \"val_loss\": 3},\n {\"epoch\": 2, \"val_loss\": 2.5}]")]
    [InlineData("{\"epochs\": [{\"val_loss\": 3}, {\"val_loss\": \"2.5\"}], \"config\": {\"lr\": 0.1}}")]
    [InlineData("{\n  \"val_loss\": 2.5,\n  \"loss\": NaN\n}\n")]
    public void Documents_of_all_shapes_are_read(string text)
    {
        _folder.Write("results.json", text);
        Assert.Equal(2.5, Read(("validation-loss", "val/loss")).Get("validation-loss").Points[^1].Value);
    }

    [Theory]
    [InlineData("history.json", "{\"note\": \"", "\", \"val_loss\": [3, 2.5]}")]
    [InlineData("metrics.jsonl", "{\"note\": \"", "\", \"val_loss\": 2.5}\n{\"val_loss\": 2.5}\n")]
    public void A_first_line_longer_than_what_is_looked_at_does_not_matter(string name, string before, string behind)
    {
        _folder.Write(name, before + new string('x', 2 * LogFile.MostOfHead) + behind);
        Assert.Equal(2.5, Read(("validation-loss", "")).Get("validation-loss").Points[^1].Value);
    }

    [Fact]
    public void Lists_of_the_same_length_say_their_steps_to_each_other()
    {
        _folder.Write("history.json", "{\"step\": [10, 20], \"val_loss\": [3, 2], \"lr\": [1, 2, 3]}");
        Assert.Equal([(10L, 3.0), (20, 2)], Points(Read(("validation-loss", "")), "validation-loss"));
    }

    [Theory]
    [InlineData("{\"a\": 1,\n\"b\" 2}", "m.json, line 2: not JSON from here; expected an object of numbers or of lists of numbers")]
    [InlineData("{\"a\": [1, 2", "m.json, line 1: not JSON from here (the file ends): was it cut off?; expected")]
    [InlineData("[1, 2]", "m.json: expected an object of numbers or of lists of numbers, or a list of objects")]
    public void A_document_that_is_none_is_refused_with_its_line(string text, string expected)
    {
        _folder.Write("m.json", text);
        Assert.StartsWith(expected, Assert.Throws<InputException>(() => Read("m.json", ("m", "a"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_of_more_values_than_any_run_logs_is_refused_before_it_fills_memory()
    {
        _folder.Write("m.json", "[" + string.Concat(Enumerable.Repeat("0,", LogLiteral.MostValues)) + "0]");
        Assert.Equal(
            "m.json: more than 4194304 values; expected metrics",
            Assert.Throws<InputException>(() => Read("m.json", ("m", "a"))).Message
        );
    }

    [Fact]
    public void A_trainer_state_without_a_history_is_refused()
    {
        _folder.Write("trainer_state.json", "{\"global_step\": 1}");
        Assert.Equal(
            "trainer_state.json: no list 'log_history'; expected what the Trainer of Hugging Face writes",
            Assert.Throws<InputException>(() => Read("trainer_state.json", ("m", "a"))).Message
        );
    }

    /// <summary>Ray's result.json and mmengine's scalars.json are lines, whatever they are called.</summary>
    [Theory]
    [InlineData("result.json")]
    [InlineData("vis_data/scalars.json")]
    [InlineData("metrics.jsonl")]
    [InlineData("log.ndjson")]
    public void Lines_of_JSON_are_read_whatever_they_are_called(string name)
    {
        _folder.Write(
            name,
            """
            {"training_iteration": 1, "val_loss": 3, "hist": [1, 2], "config": {"lr": 0.1}, "timestamp": 1700000000}

            not an object
            {"training_iteration": 2, "val_loss": Infinity, "epoch": null}
            {"training_iteration": 3, "val_lo
            """
        );
        RunMetrics metrics = Read(("validation-loss", ""));
        Assert.Equal([(1L, 3.0), (2, double.PositiveInfinity)], Points(metrics, "validation-loss"));
        Assert.Equal(1_700_000_000, metrics.Get("validation-loss").Points[0].Position.WallTime);
        Assert.Equal(
            [$"{name}, line 3: not one whole object", $"{name}, line 5: cut off at the end of the file"],
            metrics.Problems.Select(p => p.ToString())
        );
    }

    /// <summary>A log of a hundred megabytes must not fill memory with its text.</summary>
    [Fact]
    public void A_long_log_is_read_as_a_stream()
    {
        string line = $"{{\"note\": \"{new string('x', 4000)}\"}}\n";
        using (var file = new StreamWriter(_folder.File("metrics.jsonl")))
        {
            for (int i = 0; i < 8000; i++)
                file.Write(line);
            file.Write("{\"val_loss\": 2.5}\n");
        }
        long before = GC.GetTotalMemory(forceFullCollection: true);
        RunMetrics metrics = Read(("validation-loss", ""));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 4 << 20);
        Assert.Equal(2.5, metrics.Get("validation-loss").Points[0].Value);
    }

    private RunMetrics Read(params (string Metric, string Name)[] names) => Read(MetricSource.Auto, names);

    private RunMetrics Read(string from, params (string Metric, string Name)[] names) =>
        RunMetrics.Read(
            new()
            {
                Folder = _folder.Path,
                From = from,
                Names = names.ToDictionary(n => n.Metric, n => n.Name),
            }
        );

    private static List<(long Step, double Value)> Points(RunMetrics metrics, string metric) =>
        [.. metrics.Get(metric).Points.Select(p => (p.Position.Step!.Value, p.Value))];
}
