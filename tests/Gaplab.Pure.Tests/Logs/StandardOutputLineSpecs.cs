// Lines as training scripts print them, and the names and values that are read from each.
using System.Diagnostics;
using System.Globalization;
using CsCheck;
using Gaplab.Results.Logs;

namespace Gaplab.Pure.Tests.Logs;

public sealed class StandardOutputLineSpecs
{
    // Plain pairs, in every common punctuation.
    [Theory]
    [InlineData("loss 2.31", "loss=2.31")]
    [InlineData("loss: 2.31", "loss=2.31")]
    [InlineData("loss=2.31", "loss=2.31")]
    [InlineData("loss = 2.31", "loss=2.31")]
    [InlineData("loss:2.31", "loss=2.31")]
    [InlineData("loss -> 2.31", "loss=2.31")]
    [InlineData("loss is 2.31", "loss=2.31")]
    [InlineData("Loss\t2.31", "Loss=2.31")]
    [InlineData("  * loss 2.31 *", "loss=2.31")]
    [InlineData("val/loss: 2.31", "val/loss=2.31")]
    [InlineData("val.loss 2.31", "val.loss=2.31")]
    [InlineData("val-loss 2.31", "val-loss=2.31")]
    [InlineData("val_loss 2.31, val_acc 0.5", "val_loss=2.31 val_acc=0.5")]
    [InlineData("step=10 loss=2.3 lr=1e-3", "step=10 loss=2.3 lr=0.001")]
    [InlineData("step 10/1000 | loss 2.3", "step=10 loss=2.3")]
    [InlineData("step 10 - loss 2.3 - acc 0.5", "step=10 loss=2.3 acc=0.5")]
    [InlineData("step 10; loss 2.3", "step=10 loss=2.3")]
    [InlineData("Epoch [3/90]", "Epoch=3")]
    [InlineData("Epoch 3 of 90, loss 2.3", "Epoch=3 loss=2.3")]
    [InlineData("train loss 4.28, val loss 4.27", "train loss=4.28;val loss=4.27")]
    [InlineData("\"val_loss\": 2.31,", "val_loss=2.31")]
    [InlineData("loss(train)=2.3 loss (nats): 2.4", "loss(train)=2.3;loss (nats)=2.4")]
    public void A_name_and_its_number_are_a_value(string line, string expected) => Is(line, expected);

    // Numbers as they are printed.
    [Theory]
    [InlineData("loss 1.5e-3 lr 5E-05 x -2.5 y +3 z .5", "loss=0.0015 lr=5E-05 x=-2.5 y=3 z=0.5")]
    [InlineData("loss nan", "loss=NaN")]
    [InlineData("loss: NaN, grad norm: inf", "loss=NaN;grad norm=∞")]
    [InlineData("a=-inf b=Infinity c=-Infinity", "a=-∞ b=∞ c=-∞")]
    [InlineData("step 1,000: loss 2.3", "step=1000 loss=2.3")]
    [InlineData("tokens 1,234,567 loss 2.3", "tokens=1234567 loss=2.3")]
    [InlineData("acc: 98.5%", "acc=98.5")]
    [InlineData("acc 98.5 % loss 1", "acc=98.5 loss=1")]
    [InlineData("time 12ms, rate 9.5it/s, mfu 3.4%", "time=12 rate=9.5 mfu=3.4")]
    [InlineData("time 12 ms loss 2.3", "time=12 loss=2.3")]
    [InlineData("tokens 1.2M rate 3k", "tokens=1200000 rate=3000")]
    [InlineData("loss 2.30 (2.31) acc 0.5 ( 0.4)", "loss=2.3 acc=0.5")]
    [InlineData("acc 0.93 ± 0.01 loss 0.2 +/- 0.1", "acc=0.93 loss=0.2")]
    [InlineData("loss tensor(2.31, device='cuda:0', grad_fn=<NllLossBackward0>) acc 0.5", "loss=2.31 acc=0.5")]
    [InlineData("loss: np.float64(2.5)", "loss=2.5")]
    [InlineData("loss 2.3.", "loss=2.3")]
    [InlineData("Accuracy: 9823/10000 (98%)", "Accuracy=0.9823")]
    public void Numbers_keep_their_value_and_lose_their_units(string line, string expected) => Is(line, expected);

    // What is no metric must not look like one.
    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("12 34 5.6")]
    [InlineData("loss None acc N/A")]
    [InlineData("2024-01-31 12:30:00,123")]
    [InlineData("eta: 0:12:21")]
    [InlineData("saved /runs/step=100/loss=2.3.ckpt")]
    [InlineData("saved ./out/epoch-3/loss 12:30")]
    [InlineData("device cuda:0")]
    [InlineData("http://localhost:8080/loss=3")]
    [InlineData("  File train.py:100")]
    [InlineData("version 1.2.3")]
    [InlineData("loss 2,31")]
    [InlineData("commit 3f2a91c")]
    [InlineData("use_amp=True compile=False")]
    [InlineData("Training:  10%|█         | ")]
    public void What_is_no_metric_is_none(string line) => Assert.Empty(StandardOutputLine.Values(line));

    // Prefixes of loggers and launchers.
    [Theory]
    [InlineData("INFO:root:step 10 loss 2.3")]
    [InlineData("2024-01-31 12:30:00,123 - __main__ - INFO - step 10 loss 2.3")]
    [InlineData("[2024-01-31 12:30:00] step 10 loss 2.3")]
    [InlineData("[12:30:00] INFO     step 10 | loss 2.3")]
    [InlineData("2024-01-31T12:30:00Z step=10 loss=2.3")]
    [InlineData("[rank0]: step 10 loss 2.3")]
    [InlineData("[default0]:step 10, loss 2.3")]
    [InlineData("[1,0]<stdout>:step 10, loss 2.3")]
    [InlineData("I0131 12:30:00.123456 12345 train.py:100] step 10 loss 2.3")]
    [InlineData("[INFO|trainer.py:1234] 2024-01-31 12:30:00,123 >> step 10 loss 2.3")]
    [InlineData("\u001b[32mstep\u001b[0m \u001b[1;31m10\u001b[0m loss \u001b]8;;x\u0007\u001b[33m2.3\u001b[m")]
    [InlineData("step 9 loss 9.9\rstep 10 loss 2.3")]
    [InlineData("step 10 loss 2.3\r")]
    [InlineData("9/10\b\b\b\b\bstep 10 loss 2.3")]
    public void Prefixes_colours_and_redraws_do_not_matter(string line) => Is(line, "step=10 loss=2.3");

    // Objects within a line: JSON, and Python's print of a dict.
    [Theory]
    [InlineData("{\"step\": 10, \"val\": {\"loss\": 2.3, \"note\": \"x 1\"}}", "step=10 val/loss=2.3")]
    [InlineData("{'loss': 2.3, 'learning_rate': 5e-05, 'epoch': 0.1}", "loss=2.3 learning_rate=5E-05 epoch=0.1")]
    [InlineData("{'loss': nan, 'ok': True, 'none': None, 'inf': -inf}", "loss=NaN inf=-∞")]
    [InlineData("{'loss': '2.3', 'grad_norm': 'nan', 'epoch': '0.1'}", "loss=2.3 grad_norm=NaN epoch=0.1")]
    [InlineData("{'loss': tensor(2.3, device='cuda:0'), 'acc': np.float64(0.5)}", "loss=2.3 acc=0.5")]
    [InlineData("{\"loss\": NaN, \"lr\": Infinity}", "loss=NaN lr=∞")]
    [InlineData("step 10: {'loss': 2.3} lr 0.1", "step=10 loss=2.3 lr=0.1")]
    [InlineData("eval: {'loss': 2.3, 'epoch': 1}", "eval/loss=2.3 epoch=1")]
    [InlineData("{'hist': [1, 2], 'pair': (1, 2), 'text': 'x=3'}", "")]
    [InlineData("100%|██| 5/5 {'a': 1}", "it=5 a=1")]
    public void Objects_in_a_line_are_their_numbers(string line, string expected) => Is(line, expected);

    // Whole lines of well-known programs.
    [Theory]
    // nanoGPT
    [InlineData("iter 100: loss 3.2012, time 12.45ms, mfu 3.42%", "iter=100 loss=3.2012 time=12.45 mfu=3.42")]
    [InlineData("step 0: train loss 4.2874, val loss 4.2823", "step=0;train loss=4.2874;val loss=4.2823")]
    // modded-nanogpt
    [InlineData(
        "step:125/1750 val_loss:4.3200 train_time:12345ms step_avg:98.76ms",
        "step=125 val_loss=4.32 train_time=12345 step_avg=98.76"
    )]
    // pytorch/examples: imagenet, mnist, word_language_model
    [InlineData(
        "Epoch: [3][ 10/5005]\tTime  0.245 ( 0.301)\tData  0.012 ( 0.020)\tLoss 2.3045e+00 (2.3101e+00)\tAcc@1  12.50 ( 11.20)",
        "Epoch=3 batch=10 Time=0.245 Data=0.012 Loss=2.3045 Acc@1=12.5"
    )]
    [InlineData("Test: [ 10/196]\tTime  0.1 ( 0.2)\tLoss 2.3e+00 (2.4e+00)", "batch=10 Test/Time=0.1 Test/Loss=2.3")]
    [InlineData(" *   Acc@1 69.758 Acc@5 89.078", "Acc@1=69.758 Acc@5=89.078")]
    [InlineData("Train Epoch: 1 [25600/60000 (43%)]\tLoss: 0.309218", "Train Epoch=1 batch=25600 Train/Loss=0.309218")]
    [InlineData("Test set: Average loss: 0.0561, Accuracy: 9823/10000 (98%)", "Test/Average loss=0.0561;Test/Accuracy=0.9823")]
    [InlineData(
        "| epoch   1 |   200/ 2323 batches | lr 20.00 | ms/batch 12.31 | loss  6.92 | ppl  1016.09",
        "epoch=1 lr=20 ms/batch=12.31 loss=6.92 ppl=1016.09"
    )]
    [InlineData(
        "| end of epoch   1 | time: 35.21s | valid loss  5.67 | valid ppl   289.95",
        "epoch=1;time=35.21;valid loss=5.67;valid ppl=289.95"
    )]
    // torchvision's references
    [InlineData(
        "Epoch: [0]  [  10/1000]  eta: 0:12:21  lr: 0.1  img/s: 123.4  loss: 6.9 (7.0)  acc1: 0.0 (0.1)  time: 0.2  max mem: 1234",
        "Epoch=0;batch=10;lr=0.1;img/s=123.4;loss=6.9;acc1=0;time=0.2;max mem=1234"
    )]
    // tqdm, alone and in Lightning
    [InlineData(" 10%|█         | 100/1000 [00:10<01:30,  9.50it/s, loss=2.31]", "it=100 loss=2.31")]
    [InlineData(
        "Epoch 3:  10%|█         | 100/1000 [00:10<01:30,  9.50it/s, v_num=0, train_loss=2.31]",
        "Epoch=3 batch=100 v_num=0 train_loss=2.31"
    )]
    // Lightning's and Stable-Baselines' tables
    [InlineData("│         test_loss         │    2.304585134983062      │", "test_loss=2.304585134983062")]
    [InlineData("|    ep_rew_mean     | 21.4     |", "ep_rew_mean=21.4")]
    // Keras
    [InlineData(
        "1563/1563 ━━━━━━━━━━━━━━━━━━━━ 10s 5ms/step - accuracy: 0.4434 - loss: 1.5256 - val_accuracy: 0.5533 - val_loss: 1.2534",
        "accuracy=0.4434 loss=1.5256 val_accuracy=0.5533 val_loss=1.2534"
    )]
    [InlineData("Epoch 1/10", "Epoch=1")]
    // Megatron
    [InlineData(
        " [2024-01-31 12:30:00] iteration       10/  500 | consumed samples:         2560 | elapsed time per iteration (ms): 1234.5 | "
            + "learning rate: 1.500E-04 | lm loss: 9.101E+00 | loss scale: 1.0 | grad norm: 1.234 |",
        "iteration=10;consumed samples=2560;elapsed time per iteration (ms)=1234.5;learning rate=0.00015;lm loss=9.101;loss scale=1;"
            + "grad norm=1.234"
    )]
    // mmengine
    [InlineData(
        "01/31 12:30:00 - mmengine - INFO - Epoch(train)  [1][  50/1000]  lr: 1.0e-03  eta: 0:12:21  time: 0.0153  loss: 2.1034",
        "Epoch(train)=1 batch=50 lr=0.001 time=0.0153 loss=2.1034"
    )]
    // fairseq
    [InlineData("epoch 001:    100 / 1000 loss=2.3, ppl=4.92, wps=12345", "epoch=1 loss=2.3 ppl=4.92 wps=12345")]
    [InlineData("Epoch [1/5], Step [100/600], Loss: 0.1532", "Epoch=1 Step=100 Loss=0.1532")]
    public void Lines_of_known_programs_are_understood(string line, string expected) => Is(line, expected);

    /// <summary>The examples of docs/logs.md: what is printed, and what is read of it.</summary>
    [Fact]
    public void The_lines_of_the_documents_are_read_as_they_say()
    {
        string page = File.ReadAllText(Repository.At("docs/logs.md"));
        string[] rows =
        [
            .. page[page.IndexOf("## Printed lines", StringComparison.Ordinal)..]
                .Split('\n')
                .Where(l => l.StartsWith("| `", StringComparison.Ordinal))
                .Select(l => l.Replace("\\|", "\u0001", StringComparison.Ordinal)),
        ];
        Assert.True(rows.Length >= 8);
        foreach (string[] cells in rows.Select(r => r.Split('|')))
        {
            string line = cells[1].Trim().Trim('`').Replace('\u0001', '|');
            Assert.Equal(
                cells[2].Split(',').Select(c => c.Trim().Split("` ")).Select(c => (c[0].Trim('`'), Parsed(c[1]))),
                StandardOutputLine.Values(line)
            );
        }
    }

    private static double Parsed(string number) => double.Parse(number, CultureInfo.InvariantCulture);

    [Fact]
    public void Headings_go_before_the_names_behind_them()
    {
        Is("[train] loss 2.3 acc 0.5", "train/loss=2.3 train/acc=0.5");
        Is("Train: loss 2.3 | Val: loss 2.4", "Train/loss=2.3 Val/loss=2.4");
        Is("loss: train 2.3 val 2.4", "loss/train=2.3 loss/val=2.4");
        Is("eval step 3/10 loss 2.3", "eval step=3;eval/loss=2.3");
        Is("Val Epoch 3 loss 2.3", "Val Epoch=3;Val/loss=2.3");
        Is("Epoch 1: val_loss improved from inf to 2.31234, saving model to best.keras", "Epoch=1");
        Is("Validation, val_loss 2.3, step 3", "val_loss=2.3 step=3");
    }

    [Fact]
    public void The_position_of_a_line_is_what_its_counts_say()
    {
        MetricPosition position = MetricPosition.Of(
            StandardOutputLine.Values("epoch 2 global_step 1,200 it 7 consumed samples 38400 loss 2.3")
        );
        Assert.Equal((1200, 38400.0, 2.0), (position.Step, position.Samples, position.Epoch));
        Assert.Equal(MetricPosition.Unknown, MetricPosition.Of(StandardOutputLine.Values("loss 2.3 val step 4 step_avg 98ms")));
        Assert.Null(MetricPosition.Of([("step", double.NaN)]).Step);
        Assert.Null(MetricPosition.Of([("step", 0.5)]).Step);
    }

    [Fact]
    public void Values_written_in_any_of_the_forms_are_read_back_to_the_digit() =>
        FixedSeeds.Check(
            Gen.Select(Gen.Double, Gen.Int[0, 5], Gen.Int[0, 3]),
            2000,
            drawn =>
            {
                (double value, int form, int name) = drawn;
                string number = value.ToString("R", CultureInfo.InvariantCulture),
                    metric = ((string[])["loss", "val_loss", "train/loss", "acc@1"])[name];
                string line = form switch
                {
                    0 => $"step 3 {metric} {number}",
                    1 => $"{metric}={number}, other=1",
                    2 => $"12:30:01 | {metric}: {number} | x",
                    3 => $"{{'{metric}': {number.Replace("Infinity", "inf", StringComparison.Ordinal)}}}",
                    4 => $"{{\"a\": 1, \"{metric}\": {number}}}",
                    _ => $"[rank0]: {metric} {number} ({number})",
                };
                Assert.Equal(value, StandardOutputLine.Values(line).Single(v => v.Name == metric).Value);
            }
        );

    [Fact]
    public void Any_line_is_read_without_an_error_and_in_time()
    {
        Gen<string> word = FixedSeeds.OneOf(
            "loss",
            "step",
            "Epoch",
            "train",
            " ",
            "  ",
            ":",
            "=",
            "[",
            "]",
            "(",
            ")",
            "{",
            "}",
            "'",
            "\"",
            "|",
            "%|",
            ",",
            "-",
            "/",
            "1",
            "2.5",
            "1e",
            "1,234",
            "12:30",
            "nan",
            "inf",
            "tensor(",
            "np.float64(",
            "\r",
            "\b",
            "\u001b[",
            "\u001b]",
            "\u001b",
            "±",
            "of ",
            "\ud800",
            "\0",
            "é"
        );
        FixedSeeds.Check(
            word.Array[0, 40],
            4000,
            words => Assert.All(StandardOutputLine.Values(string.Concat(words)), v => Assert.NotEmpty(v.Name))
        );
        var watch = Stopwatch.StartNew();
        foreach (
            string piece in (string[])
                ["{", "{'", "{\"a\":", "[", "(", "tensor(", "a", "1", "1,", "Epoch: [1][1/2]", "loss (", "a ", "1/", "\u001b["]
        )
            _ = StandardOutputLine.Values(string.Concat(Enumerable.Repeat(piece, StandardOutputLine.Longest / piece.Length)));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
    }

    private static void Is(string line, string expected) =>
        Assert.Equal(
            expected.Replace(';', ' '),
            string.Join(' ', StandardOutputLine.Values(line).Select(v => $"{v.Name}={Number(v.Value)}"))
        );

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "∞"
        : double.IsNegativeInfinity(value) ? "-∞"
        : value.ToString(CultureInfo.InvariantCulture);
}
