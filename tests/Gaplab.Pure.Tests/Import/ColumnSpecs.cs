// Names of columns and optimizers as trackers and frameworks write them; what cannot be told is asked for in one short line.
using System.Globalization;
using Gaplab.Pure.Tests.Analysis;
using Gaplab.Results.Analysis;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Import;

public sealed class ColumnSpecs
{
    private static string Class(TextRun r) => r.Optimizer == "sgd" ? "SGD" : "Adam";

    /// <summary>What the rate column of <paramref name="optimizer"/> holds in a run's row.</summary>
    private static string RateOf(TextRun r, string optimizer, string elsewhere) =>
        r.Optimizer == optimizer ? string.Create(CultureInfo.InvariantCulture, $"{r.Rate}") : elsewhere;

    [Theory]
    [InlineData(
        "trainer.optim._target_,trainer.optim.lr,data.loader.batch_size,trainer.seed,results.val.loss",
        "torch.optim.SGD",
        "torch.optim.Adam"
    )]
    [InlineData("optimizer._target_,optimizer.lr,batch_size,seed,val_loss", "torch.optim.SGD", "torch.optim.Adam")]
    [InlineData("config/optimizer/name,config/lr,config/batch_size,config/seed,loss", "SGD", "Adam")]
    [InlineData("hparams.optimizer,hparams/optim.lr,hparams.bsize,hparams.seed,epoch_loss/validation", "sgd", "adam")]
    [InlineData("optimizer,lr,batch_size,seed,val_loss", "<class 'torch.optim.sgd.SGD'>", "<class 'torch.optim.adam.Adam'>")]
    [InlineData("optimizer,lr,batch_size,seed,val_loss", "keras.src.optimizers.sgd.SGD", "keras.src.optimizers.Adam")]
    [InlineData(
        "optimizer,lr,batch_size,seed,val_loss",
        "<keras.optimizers.SGD object at 0x7f00>",
        "<keras.src.optimizers.adam.Adam object at 0x7f3c>"
    )]
    [InlineData("optimizer,lr,batch_size,seed,val_loss", "optax.sgd", "optax.adam")]
    [InlineData("optimizer,lr,batch_size,seed,val_loss", "SGDOptimizer", "AdamOptimizer")]
    [InlineData(
        "optimizer,lr,batch_size,seed,val_loss",
        "{'_target_': 'torch.optim.SGD', 'momentum': 0.9}",
        "{'_target_': 'torch.optim.Adam', 'betas': [0.9, 0.99]}"
    )]
    [InlineData("optimizer,lr,batch_size,seed,val_loss", "SGD(momentum=0.9)", "Adam(eps=1e-8)")]
    [InlineData("params_optimizer,params_lr,params_batch_size,user_attrs_seed,value", "sgd", "adam")]
    public void Columns_and_optimizers_are_known_by_the_names_of_frameworks(string header, string sgd, string adam) =>
        SweepText.IsRead(SweepText.Csv(header, r => $"\"{(r.Optimizer == "sgd" ? sgd : adam)}\",{r.Rate},{r.Batch},{r.Seed},{r.Value}"));

    [Fact]
    public void A_printed_optimizer_is_its_class() =>
        SweepText.IsRead(
            SweepText.Csv(
                "optimizer,lr,batch_size,seed,val_loss",
                r => $"\"{Class(r)} (\nParameter Group 0\n    lr: {r.Rate}\n    weight_decay: 0\n)\",{r.Rate},{r.Batch},{r.Seed},{r.Value}"
            )
        );

    [Fact]
    public void Optimizers_of_one_class_with_other_arguments_stay_two()
    {
        IReadOnlyDictionary<string, string> names = OptimizerName.Of([
            "Adam(b2=0.95)",
            "Adam(b2=0.999)",
            "SGD(0.9)",
            "adam long",
            "sgd.momentum",
            "My.Own.Lion",
        ]);
        Assert.Equal(["adam(b2=0.95)", "adam(b2=0.999)", "sgd", "adam long", "momentum", "lion"], names.Values);
    }

    [Theory]
    [InlineData("Start Time,Duration,Run ID,Name,Source Type,Source Name,User,Status,batch_size,lr,optimizer,seed,train_loss,val_loss")]
    public void An_export_of_mlflow_is_read(string header)
    {
        int run = 0;
        SweepText.IsRead(
            SweepText.Csv(
                header,
                r =>
                    $"2024-05-01 10:00:00,1.2min,{run:x8},run{run++},LOCAL,train.py,u,FINISHED,"
                    + $"{r.Batch},{r.Rate},{Class(r)},{r.Seed},{r.Loss - 0.1},{r.Value}"
            )
        );
    }

    [Fact]
    public void An_export_of_ray_is_read()
    {
        int run = 0;
        SweepText.IsRead(
            SweepText.Csv(
                "loss,time_this_iter_s,done,training_iteration,trial_id,config/optimizer,config/lr,config/batch_size,config/seed,logdir",
                r => $"{r.Value},1.2,True,10,a{run:d4},{Class(r)},{r.Rate},{r.Batch},{r.Seed},a{run++:d4}"
            )
        );
    }

    [Theory]
    [InlineData("params_sgd_lr", "params_adam_lr")]
    [InlineData("sgd.lr", "adam.lr")]
    [InlineData("sgd/learning_rate", "adam/learning_rate")]
    [InlineData("lr_sgd", "lr_adam")]
    [InlineData("lr", "params_adam_lr")]
    [InlineData("config.optim.sgd.lr", "config.optim.adam.lr")]
    public void A_rate_column_per_optimizer_is_merged(string sgd, string adam)
    {
        SweepTable table = SweepText.IsRead(
            SweepText.Csv(
                $"optimizer,{sgd},{adam},batch_size,seed,val_loss",
                r => $"{r.Optimizer},{RateOf(r, "sgd", "")},{RateOf(r, "adam", "")},{r.Batch},{r.Seed},{r.Value}"
            )
        );
        Assert.Contains(table.Findings!, f => f.Id == "column-per-optimizer" && f.Message.Contains(adam, StringComparison.Ordinal));
        Assert.Empty(table.Caveats);
        // Filled for both, as a whole configuration is: each row takes its own.
        if (sgd != "lr")
            SweepText.IsRead(
                SweepText.Csv(
                    $"optimizer,{sgd},{adam},batch_size,seed,val_loss",
                    r => $"{r.Optimizer},{RateOf(r, "sgd", "7")},{RateOf(r, "adam", "7")},{r.Batch},{r.Seed},{r.Value}"
                )
            );
    }

    [Fact]
    public void A_momentum_column_per_optimizer_is_merged()
    {
        SweepTable table = SweepText.IsRead(
            SweepText.Csv(
                "optimizer,lr,sgd_momentum,adam_beta1,batch_size,seed,val_loss",
                r => $"{r.Optimizer},{r.Rate},0.9,0.8,{r.Batch},{r.Seed},{r.Value}"
            )
        );
        Assert.All(table.Rows, r => Assert.Equal(r.Optimizer == "sgd" ? 0.9 : 0.8, r.Momentum));
    }

    [Fact]
    public void Rate_columns_by_names_of_their_own_are_asked_for_and_merged_by_a_map()
    {
        string csv = SweepText.Csv(
            "optimizer,lr_first,lr_second,batch_size,seed,val_loss",
            r =>
                $"{r.Optimizer},{(r.Optimizer == "sgd" ? r.Rate : "")},{(r.Optimizer == "adam" ? r.Rate : "")},{r.Batch},{r.Seed},{r.Value}"
        );
        Assert.Contains("--map lr_first=lr --map lr_second=lr", SweepText.Refusal(csv), StringComparison.Ordinal);
        SweepText.IsRead(csv, new ImportOptions { Map = ["lr_first=lr", "lr_second=lr"] });
        Assert.Contains(
            "taken as tuned: no learning-rate column",
            Sweeps.FromCsv(csv, new ImportOptions { Map = ["lr_first=ignore", "lr_second=ignore"], Groups = [] }).Caveats
        );
    }

    [Fact]
    public void A_chart_export_is_told_from_a_runs_table()
    {
        string runs = string.Join(
            ',',
            Enumerable
                .Range(1, 40)
                .SelectMany(i => new[] { $"sweep-run-{i} - val_loss", $"sweep-run-{i} - val_loss__MIN", $"sweep-run-{i} - val_loss__MAX" })
        );
        string message = SweepText.Refusal($"Step,{runs}\n1{string.Concat(Enumerable.Repeat(",2.5", 120))}\n");
        Assert.Contains("chart export", message, StringComparison.Ordinal);
        Assert.Contains("runs table", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wide_table_without_a_known_metric_gets_candidates_in_one_short_line()
    {
        string csv = SweepText.Csv(
            "optimizer,lr,batch_size,seed,dropout_probability,weight_of_the_prior,clip_threshold,alpha,rho,kappa,fitness_of_the_model",
            r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},0.1,{r.Seed}.5,1,2,{r.Seed},{r.Batch},{r.Value}"
        );
        string message = SweepText.Refusal(csv);
        Assert.Contains("--map fitness_of_the_model=metric", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 50, 250);
    }

    [Theory]
    [InlineData("value")]
    [InlineData("values_0")]
    [InlineData("objective")]
    public void What_a_tuner_calls_its_number_is_the_metric_and_its_direction_is_said(string name)
    {
        string csv = SweepText.Csv(
            $"optimizer,lr,batch_size,seed,a,b,c,d,e,f,{name}",
            r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},1,1,1,1,1,1,{r.Value}"
        );
        Assert.Contains($"lower '{name}' taken as better", SweepText.IsRead(csv).Caveats);
        Assert.Empty(SweepText.IsRead(csv, new ImportOptions { LowerIsBetter = true }).Caveats);
    }

    [Fact]
    public void A_score_is_never_minimised_in_silence()
    {
        string csv = SweepText.Csv(
            "optimizer,lr,batch_size,seed,test_accuracy",
            r => string.Create(CultureInfo.InvariantCulture, $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{3 - r.Loss:0.0000}")
        );
        Assert.Contains("--maximize, or --minimize", SweepText.Refusal(csv), StringComparison.Ordinal);
        SweepText.IsRead(csv, new ImportOptions { HigherIsBetter = true });
        Assert.True(Sweeps.Analyse(Sweeps.FromCsv(csv, new ImportOptions { LowerIsBetter = true })).Gaps[0].Value < 0);
    }

    [Fact]
    public void What_two_readings_claim_is_refused()
    {
        const string Csv = "optimizer,lr,batch_size,val_loss,acc\nsgd,1,16,1,2\n";
        Assert.Contains(
            "'lr' two roles",
            SweepText.Refusal(Csv, new ImportOptions { Map = ["lr=lr", "lr=momentum"] }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "two columns for batch",
            SweepText.Refusal(Csv, new ImportOptions { Map = ["lr=batch", "acc=batch"] }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "name two metrics",
            SweepText.Refusal(Csv, new ImportOptions { Map = ["acc=metric"], Metric = "val_loss" }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "contradict",
            SweepText.Refusal(Csv, new ImportOptions { HigherIsBetter = true, LowerIsBetter = true }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Long_names_and_headers_are_cut_to_a_line()
    {
        string name = new('x', 100_000);
        Assert.Contains("has 100000 characters", SweepText.Refusal($"{name},{name}\n1,2\n"), StringComparison.Ordinal);
        Assert.Contains(
            "two columns are called 'xxx",
            SweepText.Refusal($"{name[..1000]},{name[..1000]}\n1,2\n"),
            StringComparison.Ordinal
        );
        SweepText.Refusal($"optimizer,{name},batch_size\nsgd,1,2\n");
        SweepText.Refusal(
            string.Join(',', Enumerable.Range(0, 1000).Select(i => $"column number {i}"))
                + "\n"
                + string.Join(',', Enumerable.Range(0, 1000))
                + "\n"
        );
        SweepText.Refusal("optimizer,lr,batch_size,val_loss\nsgd,1,16,1\n", new ImportOptions { Metric = name });
        SweepText.Refusal("optimizer,lr,batch_size,val_loss\nsgd,1,16,1\n", new ImportOptions { Map = [name + "=lr"] });
        Assert.Contains("header is longer than", SweepText.Refusal(new string('x', 2_000_000)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_is_accumulated_differently_is_said_not_to_be_multiplied()
    {
        string csv = SweepText.Csv(
            "optimizer,lr,batch_size,gradient_accumulation_steps,seed,val_loss",
            r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Batch / 16},{r.Seed},{r.Value}"
        );
        Assert.Contains("batch sizes not multiplied by 'gradient_accumulation_steps'", SweepText.IsRead(csv).Caveats);
        Assert.Empty(SweepText.IsRead(csv.Replace("batch_size", "global_batch_size", StringComparison.Ordinal)).Caveats);
    }

    [Fact]
    public void Values_too_long_for_a_name_are_refused_by_their_beginning()
    {
        string name = new('y', 5000);
        foreach (
            string csv in new[]
            {
                $"optimizer,lr,batch,loss\n{name},1,2,3\n",
                $"optimizer,lr,batch,loss,data\nsgd,1,2,3,{name}\n",
                $"optimizer,lr,batch,loss,run_id\nsgd,1,2,3,{name}\n",
                $"optimizer,lr,batch,loss,seed\nsgd,1,2,3,{name}\n",
                $"optimizer,lr,batch,loss\nsgd,{name},2,3\n",
            }
        )
            Assert.Contains("yyy…", SweepText.Refusal(csv), StringComparison.Ordinal);
    }
}
