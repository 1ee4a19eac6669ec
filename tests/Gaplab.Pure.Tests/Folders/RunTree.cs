// The sweep of SweepText as trees of run folders, laid out as tools lay them out.
using System.Globalization;
using System.Text;
using Gaplab.Pure.Tests.Import;
using Gaplab.Pure.Tests.Logs;

namespace Gaplab.Pure.Tests.Folders;

/// <summary>Each layout writes one run: its config, and metrics whose last validation loss is the run's. Made after the tools' documents;
/// none was written by the tool itself.</summary>
internal static class RunTree
{
    /// <summary>Steps of a run: at batch 16 of 4,096 samples, and of as many at 64.</summary>
    public static int Steps(TextRun run) => 4096 / run.Batch;

    public static IReadOnlyDictionary<string, Action<TestFolder, string, TextRun, int>> Layouts { get; } =
        new Dictionary<string, Action<TestFolder, string, TextRun, int>>
        {
            ["lightning"] = Lightning,
            ["hydra"] = Hydra,
            ["ray"] = Ray,
            ["trainer"] = Trainer,
            ["tensorboard"] = TensorBoard,
            ["arguments"] = Arguments,
            ["printed"] = Printed,
            ["names"] = Names,
        };

    public static void Write(TestFolder folder, string root, string layout)
    {
        foreach ((int i, TextRun run) in SweepText.Runs.Index())
            Layouts[layout](folder, root, run, i);
    }

    private static void Lightning(TestFolder folder, string root, TextRun run, int i)
    {
        string at = $"{root}/lightning_logs/version_{i}";
        folder.Write(
            $"{at}/hparams.yaml",
            $"""
            batch_size: {run.Batch}
            lr: {run.Rate}
            optimizer: !!python/name:torch.optim.{run.Optimizer}.{Class(run)} ''
            seed: {run.Seed}
            callbacks: !!python/tuple
            - !!python/object:pytorch_lightning.callbacks.EarlyStopping
              patience: 3
            """
        );
        // Training and validation stand on rows of their own.
        int last = Steps(run);
        folder.Write(
            $"{at}/metrics.csv",
            $"epoch,step,train_loss,val_loss\n0,{last / 2},3.5,\n0,{last / 2},,3.1\n1,{last},2.9,\n1,{last},,{run.Value}\n"
        );
    }

    private static void Hydra(TestFolder folder, string root, TextRun run, int i)
    {
        string at = $"{root}/multirun/2026-01-31/12-30-00/{i}";
        folder.Write(
            $"{at}/.hydra/config.yaml",
            $"""
            defaults: &d {"{"}momentum: 0.9{"}"}
            optim:
              _target_: torch.optim.{Class(run)}
              lr: {run.Rate}
            scheduler: {"{"}lr: 0.5, step_size: 3{"}"}
            data:
              batch_size: {run.Batch}
            trainer:
              <<: *d
              seed: {run.Seed}
            """
        );
        folder.Write($"{at}/.hydra/overrides.yaml", $"- optim.lr={run.Rate}\n");
        folder.Write(
            $"{at}/metrics.jsonl",
            string.Concat(
                Enumerable
                    .Range(1, 4)
                    .Select(k =>
                        $$"""{"step": {{Steps(run) * k / 4}}, "val": {"loss": {{(k == 4 ? run.Value : "NaN")}}}, "lr": {{0.1 / k}}}"""
                        + "\n"
                    )
            )
        );
        folder.Write($"{at}/train.log", "[2026-01-31 12:30:00][INFO] - step 1 val loss 99\n");
    }

    private static void Ray(TestFolder folder, string root, TextRun run, int i)
    {
        string at = $"{root}/train_fn_{i:00000}";
        folder.Write(
            $"{at}/params.json",
            $$"""{"lr": {{run.Rate}}, "train_loop_config": {"batch_size": {{run.Batch}}, "opt": "{{run.Optimizer}}"},"""
                + $$""" "seed": {{run.Seed}}}"""
        );
        folder.Write(
            $"{at}/result.json",
            $$$"""{"val_loss": 4.5, "training_iteration": 1, "config": {"lr": 7}, "done": false, "trial_id": "a{{{i}}}"}"""
                + "\n"
                + $$$"""{"val_loss": {{{run.Value}}}, "training_iteration": 2, "config": {"lr": 7}, "done": true, "trial_id": "a{{{i}}}"}"""
                + "\n"
        );
        folder.Write($"{at}/progress.csv", $"val_loss,training_iteration,config/lr\n4.5,1,7\n{run.Value},2,7\n");
    }

    private static void Trainer(TestFolder folder, string root, TextRun run, int i)
    {
        string at = $"{root}/out-{i}";
        // 2 devices and 4 passes.
        folder.Write(
            $"{at}/training_args.json",
            $$"""
            {"optim": "{{run.Optimizer}}", "learning_rate": {{run.Rate}}, "gradient_accumulation_steps": 4, "world_size": 2,
             "seed": {{run.Seed}}}
            """
        );
        folder.Write($"{at}/training_args.bin", [0x80, 2, 99]);
        folder.Write($"{at}/config.json", """{"model_type": "gpt2", "optimizer": "of the model", "batch_size": 999}""");
        string Entry(int step, string loss) => $$"""{"epoch": 1.0, "eval_loss": {{loss}}, "step": {{step}}}""";
        int last = Steps(run);
        string state =
            $$"""{"global_step": {{last}}, "train_batch_size": {{run.Batch / 8}}, "log_history": [{{Entry(last / 2, "3.2")}}, """
            + $"{Entry(last, run.Value)}]}}";
        folder.Write($"{at}/trainer_state.json", state);
        folder.Write($"{at}/checkpoint-{last}/trainer_state.json", state);
        folder.Write($"{at}/checkpoint-{last}/config.json", """{"model_type": "gpt2"}""");
    }

    private static void TensorBoard(TestFolder folder, string root, TextRun run, int i)
    {
        byte[] text(string value) => EventFile.Field(3, Encoding.UTF8.GetBytes(value));
        byte[] number(double value) => [0x11, .. BitConverter.GetBytes(value)];
        byte[] setting(string key, byte[] value) =>
            EventFile.Field(1, [.. EventFile.Field(1, Encoding.UTF8.GetBytes(key)), .. EventFile.Field(2, value)]);
        byte[] info =
        [
            .. setting("lr", number(double.Parse(run.Rate, CultureInfo.InvariantCulture))),
            .. setting("optimizer", text(Class(run))),
            .. setting("batch_size", number(run.Batch)),
            .. setting("seed", number(run.Seed)),
        ];
        byte[] metadata = EventFile.Field(
            1,
            [.. EventFile.Field(1, "hparams"u8.ToArray()), .. EventFile.Field(2, EventFile.Field(3, info))]
        );
        byte[] value = EventFile.Field(
            1,
            [.. EventFile.Field(1, "_hparams_/session_start_info"u8.ToArray()), .. EventFile.Field(9, metadata)]
        );
        // add_hparams of PyTorch writes into a folder of its own below the run's.
        folder.Write(
            $"{root}/run{i}/events.out.tfevents.1700000000.host",
            [
                .. EventFile.Version(1),
                .. EventFile.Simple(2, Steps(run) / 2, "Loss/val", 4),
                .. EventFile.Simple(3, Steps(run), "Loss/val", float.Parse(run.Value, CultureInfo.InvariantCulture)),
            ]
        );
        folder.Write(
            $"{root}/run{i}/1700000001.25/events.out.tfevents.1700000001.host",
            [.. EventFile.Version(1), .. EventFile.Event(2, 0, EventFile.Field(5, value))]
        );
    }

    private static void Arguments(TestFolder folder, string root, TextRun run, int i)
    {
        string at = $"{root}/exp_{i}";
        folder.Write(
            $"{at}/args.txt",
            $"Namespace(optimizer='{run.Optimizer}', lr={run.Rate}, batch_size={run.Batch}, betas=(0.9, 0.999), seed={run.Seed})"
        );
        folder.Write($"{at}/logs/history.json", $$"""{"val_loss": [3.0, {{run.Value}}], "epoch": [1, 2]}""");
    }

    private static void Printed(TestFolder folder, string root, TextRun run, int i)
    {
        string at = $"{root}/{run.Optimizer}/{i}";
        folder.Write(
            $"{at}/args.json",
            $$"""{"opt": "{{run.Optimizer}}", "learning_rate": {{run.Rate}}, "micro_batch_size": {{run.Batch / 2}},"""
                + """ "grad_accum_steps": 2}"""
        );
        folder.Write($"{root}/config.yaml", "comment: for all\nseed: 7\n");
        folder.Write($"{at}/config.yaml", $"training: {{seed: {{value: {run.Seed}}}}}\nseed: {run.Seed}\n");
        folder.Write($"{at}/train.log", $"step 1 val loss 4.0\nstep {Steps(run)} val loss {run.Value}\n");
    }

    private static void Names(TestFolder folder, string root, TextRun run, int i) =>
        folder.Write(
            $"{root}/optimizer={run.Optimizer},lr={run.Rate}/batch_size={run.Batch},seed={run.Seed}/metrics.csv",
            $"step,val_loss\n1,5\n{Steps(run)},{run.Value}\n"
        );

    private static string Class(TextRun run) => run.Optimizer == "sgd" ? "SGD" : "Adam";
}
