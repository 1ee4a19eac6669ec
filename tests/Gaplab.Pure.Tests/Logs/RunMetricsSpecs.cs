// Finding a run's metrics: by name, by convention, among several files, and what is said where they are not there.
using Gaplab.Numerics;
using Gaplab.Results.Logs;

namespace Gaplab.Pure.Tests.Logs;

public sealed class RunMetricsSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("val/loss", "val/loss")]
    [InlineData("Val/Loss", "val/loss")]
    [InlineData("val_loss", "val/loss")]
    [InlineData("val loss", "val/loss")]
    [InlineData("valLoss", "val/loss")]
    [InlineData("loss/val", "val/loss")]
    [InlineData("validation.loss", "val/loss")]
    [InlineData("lr", "lr")]
    [InlineData("LR", "lr")]
    [InlineData("acc@1", "acc@1")]
    public void A_name_is_found_exactly_or_without_regard_to_case_marks_and_order(string wanted, string found)
    {
        _folder.Write("metrics.jsonl", """{"val/loss": 1, "lr": 2, "acc@1": 3, "train/loss": 4, "loss": 5}""");
        Assert.Equal(found, Read(("metric", wanted)).Get("metric").Name);
    }

    [Fact]
    public void The_nearer_spelling_comes_first_and_two_equally_near_are_not_chosen_between()
    {
        _folder.Write("metrics.jsonl", """{"val_loss": 1, "Val_Loss": 2, "val/loss": 3, "valid_loss": 4}""");
        Assert.Equal(2, Last(Read(("m", "Val_Loss")), "m"));
        Assert.Equal(4, Last(Read(("m", "valid_loss")), "m"));
        Assert.Equal(4, Last(Read(("m", "validloss")), "m"));
        RunMetrics metrics = Read(("m", "VAL_LOSS"));
        Assert.Null(metrics.Find("m"));
        Assert.Equal(
            "'VAL_LOSS' for m may be 'val_loss' or 'Val_Loss'; say which: metrics: {m: val_loss}",
            Assert.Throws<InputException>(() => metrics.Get("m")).Message
        );
    }

    /// <summary>What tools and people write, and which of it is meant.</summary>
    [Theory]
    // Hugging Face: the loss is logged under its own name, and a summary at the end.
    [InlineData("train-loss", """{"loss": 3}|{"loss": 2}|{"train_loss": 2.5}|{"eval_loss": 9}""", "loss")]
    [InlineData("validation-loss", """{"loss": 3}|{"eval_loss": 9, "eval_runtime": 1}|{"train_loss": 2.5}""", "eval_loss")]
    // Keras
    [InlineData("validation-loss", """{"epoch": 0, "accuracy": 1, "loss": 2, "val_accuracy": 3, "val_loss": 4}""", "val_loss")]
    [InlineData("train-loss", """{"epoch": 0, "accuracy": 1, "loss": 2, "val_accuracy": 3, "val_loss": 4}""", "loss")]
    [InlineData("train-accuracy", """{"epoch": 0, "accuracy": 1, "loss": 2, "val_accuracy": 3, "val_loss": 4}""", "accuracy")]
    [InlineData("validation-accuracy", """{"epoch": 0, "accuracy": 1, "loss": 2, "val_accuracy": 3, "val_loss": 4}""", "val_accuracy")]
    [InlineData("epoch", """{"epoch": 0, "accuracy": 1, "loss": 2}""", "epoch")]
    // Lightning
    [InlineData("train-loss", """{"train_loss_step": 1, "step": 2}|{"train_loss_epoch": 1, "step": 3}""", "train_loss_epoch")]
    [InlineData("validation-loss", """{"val/loss": 1, "val/loss_best": 2}""", "val/loss")]
    // people
    [InlineData("validation-loss", """{"valid/loss": 1}""", "valid/loss")]
    [InlineData("validation-loss", """{"loss/val": 1, "loss/train": 2}""", "loss/val")]
    [InlineData("train-loss", """{"loss/val": 1, "loss/train": 2}""", "loss/train")]
    [InlineData("validation-loss", """{"Loss/validation": 1}""", "Loss/validation")]
    [InlineData("validation-loss", """{"valloss": 1, "trainloss": 2}""", "valloss")]
    [InlineData("validation-loss", """{"dev": {"loss": 1}}""", "dev/loss")]
    [InlineData("validation-loss", """{"test loss": 1, "train loss": 2}""", "test loss")]
    [InlineData("validation-loss", """{"test_loss": 1, "val_loss": 2}""", "val_loss")]
    [InlineData("validation-loss", """{"avg_val_loss": 1}""", "avg_val_loss")]
    [InlineData("test-loss", """{"test_loss": 1, "val_loss": 2}""", "test_loss")]
    [InlineData("validation-accuracy", """{"val_acc": 1, "val_acc5": 2}""", "val_acc")]
    [InlineData("validation-accuracy", """{"val/acc@1": 1, "val/acc@5": 2}""", "val/acc@1")]
    [InlineData("validation-accuracy", """{"eval_top1": 1}""", "eval_top1")]
    [InlineData("step", """{"step": 1, "global_step": 2}""", "global_step")]
    [InlineData("step", """{"iter": 1}""", "iter")]
    [InlineData("samples", """{"consumed_samples": 1, "train_samples_per_second": 2}""", "consumed_samples")]
    public void Common_names_are_known(string metric, string lines, string found)
    {
        _folder.Write("metrics.jsonl", lines.Replace('|', '\n'));
        Assert.Equal(found, Read((metric, "")).Get(metric).Name);
    }

    [Theory]
    [InlineData("validation-loss", """{"loss": 1}""")]
    [InlineData("validation-loss", """{"val_loss": 1, "eval_loss": 2}""")]
    [InlineData("validation-loss", """{"eval_g0_loss": 1, "best_val_loss": 2, "val_loss_scale": 3}""")]
    [InlineData("validation-loss", """{"train_val_loss": 1}""")]
    [InlineData("train-loss", """{"train_loss": 1, "loss": 2}""")]
    [InlineData("train-loss", """{"loss_scale": 1, "aux_loss": 2}""")]
    [InlineData("step", """{"steps_per_second": 1}""")]
    [InlineData("perplexity", """{"perplexity": 1}""")]
    public void What_is_not_certain_is_not_taken(string metric, string lines)
    {
        _folder.Write("metrics.jsonl", lines);
        RunMetrics metrics = Read((metric, ""));
        Assert.Null(metrics.Find(metric));
        Assert.Contains("say which: metrics: {", metrics.Fault(metric), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_one_line_with_the_nearest_names()
    {
        _folder.Write("logs/metrics.csv", "step,valid_perplexity,val_loss_best,lr\n1,2,3,4\n");
        Assert.Equal(
            "no 'val_los' for validation-loss among the 4 names in logs/metrics.csv; nearest: 'lr', 'val_loss_best', 'step', "
                + "'valid_perplexity'; say which: metrics: {validation-loss: NAME}",
            Read(("validation-loss", "val_los")).Fault("validation-loss")
        );
        Assert.Equal(
            $"no validation-loss: no metrics in {_folder.File("absent")}; expected a file of metrics, or lines such as 'step 10 loss 2.31'",
            RunMetrics.Read(new() { Folder = _folder.File("absent"), Names = Names(("validation-loss", "")) }).Fault("validation-loss")
        );
    }

    [Theory]
    [InlineData(
        "tensorbord",
        "metrics from 'tensorbord': expected auto, trainer-state, tensorboard, jsonl, csv, json, stdout, or a path or pattern "
            + "below the run's folder (logs/*.csv); nearest valid name 'tensorboard'"
    )]
    [InlineData("/etc/metrics.csv", "metrics from '/etc/metrics.csv': lies outside the run's folder; expected ")]
    [InlineData("../metrics.csv", "metrics from '../metrics.csv': lies outside the run's folder; expected ")]
    [InlineData("stdout", "metrics from 'stdout': what the script printed was not kept; expected another format")]
    public void A_choice_that_is_none_is_refused(string from, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<InputException>(() => Read(from, ("m", "x"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_path_or_pattern_that_matches_nothing_says_what_is_there()
    {
        _folder.Write("logs/a.csv", "loss\n1\n");
        _folder.Write("b.txt", "loss 2");
        Assert.Equal(
            $"metrics from 'log/*.csv': no such file in {_folder.Path}, which holds b.txt, logs/a.csv",
            Assert.Throws<InputException>(() => Read("log/*.csv", ("m", "loss"))).Message
        );
        Assert.Equal(1, Last(Read("logs/*.csv", ("m", "loss")), "m"));
        Assert.Equal(2, Last(Read("./b.txt", ("m", "loss")), "m"));
    }

    [Fact]
    public void Formats_are_asked_in_their_order_and_the_output_last_each_metric_where_it_is_found_first()
    {
        _folder.Write("trainer_state.json", """{"global_step": 1, "log_history": [{"step": 1, "eval_loss": 1}]}""");
        _folder.Write("metrics.jsonl", """{"eval_loss": 2, "b": 2}""");
        _folder.Write("metrics.csv", "eval_loss,b,c\n3,3,3\n");
        string output = _folder.Write("out.log", "eval_loss 4 b 4 c 4 d 4\n");
        RunMetrics metrics = RunMetrics.Read(
            new()
            {
                Folder = _folder.Path,
                StandardOutput = output,
                Names = Names(("validation-loss", ""), ("b", "b"), ("c", "c"), ("d", "d")),
            }
        );
        Assert.Equal(
            [("trainer_state.json", 1.0), ("metrics.jsonl", 2), ("metrics.csv", 3), ("out.log", 4)],
            ((string[])["validation-loss", "b", "c", "d"]).Select(m => (metrics.Get(m).File, Last(metrics, m)))
        );
        // What is not needed is not read.
        Assert.DoesNotContain(Read(("validation-loss", "")).All, s => s.File == "metrics.csv");
    }

    [Fact]
    public void A_name_in_two_files_has_the_file_before_it()
    {
        _folder.Write("logs/train.csv", "step,loss,lr\n1,2,3\n");
        _folder.Write("logs/val.csv", "step,loss\n1,4\n");
        RunMetrics metrics = Read(("validation-loss", ""), ("train-loss", ""), ("lr", "lr"), ("explicit", "val/loss"));
        Assert.Equal([4.0, 2, 3, 4], ((string[])["validation-loss", "train-loss", "lr", "explicit"]).Select(m => Last(metrics, m)));
        Assert.Equal(("val/loss", "logs/val.csv"), (metrics.Get("explicit").Name, metrics.Get("explicit").File));
        Assert.Equal("'loss' for m may be 'train/loss' or 'val/loss'; say which: metrics: {m: train/loss}", Read(("m", "loss")).Fault("m"));
    }

    [Fact]
    public void Attempts_that_Lightning_counts_continue_each_other()
    {
        _folder.Write("lightning_logs/version_0/metrics.csv", "step,val_loss\n10,5\n20,4\n30,3.5\n");
        _folder.Write("lightning_logs/version_2/metrics.csv", "step,val_loss\n25,3\n35,2\n");
        _folder.Write("lightning_logs/version_10/metrics.csv", "step,val_loss\n35,1.5\n");
        Assert.Equal([(10, 5.0), (20, 4), (25, 3), (35, 1.5)], Points(Read(("validation-loss", "")), "validation-loss"));
    }

    [Theory]
    [InlineData("outputs/2026-01-31/12-30-00/metrics.jsonl", "outputs/2026-02-01/09-00-00/metrics.jsonl")] // Hydra
    [InlineData(
        "wandb/run-20260131_123000-3f2a91c0/files/wandb-summary.json",
        "wandb/run-20260131_173000-x0y1z2a3/files/wandb-summary.json"
    )]
    [InlineData("out/20260131-123000.jsonl", "out/20260131-173000.jsonl")]
    public void Folders_and_files_named_by_their_time_continue_each_other(string first, string second)
    {
        _folder.Write(first, "{\"step\": 10, \"val_loss\": 5}");
        _folder.Write(second, "{\"step\": 20, \"val_loss\": 4}");
        Assert.Equal([(10, 5.0), (20, 4)], Points(Read(("validation-loss", "")), "validation-loss"));
    }

    [Fact]
    public void Folds_and_ranks_do_not_continue_each_other()
    {
        _folder.Write("fold1/metrics.csv", "step,val_loss\n1,5\n");
        _folder.Write("fold2/metrics.csv", "step,val_loss\n1,4\n");
        Assert.Equal(
            "no validation-loss among the 4 names in fold1/metrics.csv, fold2/metrics.csv; nearest: 'fold1/metrics/val_loss', "
                + "'fold2/metrics/val_loss', 'fold1/metrics/step', 'fold2/metrics/step'; say which: metrics: {validation-loss: NAME}",
            Read(("validation-loss", "")).Fault("validation-loss")
        );
        Assert.Equal(4, Last(Read(("m", "fold2/metrics/val_loss")), "m"));
    }

    [Fact]
    public void A_file_to_which_a_resumed_run_appended_has_each_step_once()
    {
        _folder.Write(
            "metrics.jsonl",
            """
            {"step": 10, "val_loss": 5}
            {"step": 20, "val_loss": 4}
            {"step": 30, "val_loss": 3
            {"step": 20, "val_loss": 3.5}
            {"step": 30, "val_loss": "NaN"}
            """
        );
        RunMetrics metrics = Read(("validation-loss", ""));
        Assert.Equal([(10, 5.0), (20, 3.5), (30, double.NaN)], Points(metrics, "validation-loss"));
        Assert.Equal("metrics.jsonl, line 3: not one whole object", Assert.Single(metrics.Problems).ToString());
    }

    [Fact]
    public void A_step_that_begins_anew_in_each_epoch_is_not_the_step_of_the_run()
    {
        string output = _folder.Write(
            "out.log",
            string.Concat(
                from epoch in Enumerable.Range(1, 3)
                from step in Enumerable.Range(1, 2)
                select $"Epoch [{epoch}/3], Step [{step}/2], Loss: {epoch}.{step}\n"
            )
        );
        RunMetrics metrics = RunMetrics.Read(
            new()
            {
                Folder = _folder.Path,
                StandardOutput = output,
                Names = Names(("train-loss", "")),
            }
        );
        MetricSeries loss = metrics.Get("train-loss");
        Assert.Equal([1.1, 1.2, 2.1, 2.2, 3.1, 3.2], loss.Points.Select(p => p.Value));
        Assert.Equal([1, 1, 2, 2, 3, 3], loss.Points.Select(p => p.Position.Epoch!.Value));
        Assert.All(loss.Points, p => Assert.Null(p.Position.Step));
        Assert.Contains("begins anew in each epoch", Assert.Single(metrics.Problems).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Printed_lines_belong_to_the_step_printed_last_and_bars_to_none()
    {
        string output = _folder.Write(
            "out.log",
            "Epoch 1/2\n 50%|█    | 1/2 [00:01<00:01, loss=5]\r100%|█████| 2/2 [00:02<00:00, loss=4]\n"
                + "val loss 3\nEpoch 2/2\r\n 50%|█    | 1/2 [00:01<00:01, loss=2]\nstep 7: saved\nval loss 1\n"
        );
        RunMetrics metrics = RunMetrics.Read(
            new()
            {
                Folder = _folder.Path,
                StandardOutput = output,
                Names = Names(("validation-loss", ""), ("train-loss", "")),
            }
        );
        Assert.Equal(
            [(1.0, null, 3.0), (2.0, 7L, 1.0)],
            metrics.Get("validation-loss").Points.Select(p => (p.Position.Epoch!.Value, p.Position.Step, p.Value))
        );
        Assert.Equal([5.0, 4, 2], metrics.Get("train-loss").Points.Select(p => p.Value));
        // The bar begins anew, so it counts no steps of the run.
        Assert.All(metrics.Get("train-loss").Points, p => Assert.Null(p.Position.Step));
    }

    [Fact]
    public void The_step_and_the_samples_that_a_user_names_are_the_position()
    {
        _folder.Write(
            "metrics.jsonl",
            """
            {"step": 1, "tick": 100, "seen": 3200, "val_loss": 5}
            {"step": 2, "tick": 200, "seen": 6400, "val_loss": 4}
            """
        );
        RunMetrics metrics = Read(("validation-loss", ""), ("step", "tick"), ("samples", "seen"));
        Assert.Equal(
            [(100L, 3200.0), (200L, 6400.0)],
            metrics.Get("validation-loss").Points.Select(p => (p.Position.Step!.Value, p.Position.Samples!.Value))
        );
    }

    private RunMetrics Read(params (string Metric, string Name)[] names) => Read(MetricSource.Auto, names);

    private RunMetrics Read(string from, params (string Metric, string Name)[] names) =>
        RunMetrics.Read(
            new()
            {
                Folder = _folder.Path,
                From = from,
                Names = Names(names),
            }
        );

    private static Dictionary<string, string> Names(params (string Metric, string Name)[] names) =>
        names.ToDictionary(n => n.Metric, n => n.Name);

    private static double Last(RunMetrics metrics, string metric) => metrics.Get(metric).Points[^1].Value;

    private static IEnumerable<(long Step, double Value)> Points(RunMetrics metrics, string metric) =>
        metrics.Get(metric).Points.Select(p => (p.Position.Step!.Value, p.Value));
}
