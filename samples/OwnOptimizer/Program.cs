// One small model trained with Adam and with an optimizer that Gaplab does not have: dotnet run
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Torch;

TorchRuntime.Threads = 1;
var options = new TrainerOptions { CheckpointSeconds = 0, Optimizers = OptimizerCatalogue.BuiltIn.With(AdaMax.Kind) };
var size = new ModelSpec { Layers = 1, Width = 16 };
using ITask task = TaskCatalogue.BuiltIn.Load(
    new TaskSpec
    {
        Kind = "markov",
        Vocabulary = 17,
        Tokens = 20_000,
    }
);
IModel model = ModelCatalogue.BuiltIn.Build(size, task.Vocabulary, task.Spec);
foreach (string kind in (string[])["adam", AdaMax.Kind.Name])
{
    var optimizer = new OptimizerSpec
    {
        Name = kind,
        Kind = kind,
        LearningRate = 0.01,
    };
    var run = new RunSpec
    {
        Task = task.Spec,
        Model = size,
        Optimizer = optimizer,
        Batch = 16,
        Seed = 1,
        Budget = new BudgetSpec { Unit = "steps", Amount = 100 },
    };
    var log = new Losses();
    var pack = new PackSpec { Id = kind, Runs = [new() { Id = kind, Spec = run }] };
    new Trainer(pack, task, model, log, options).Run(CancellationToken.None);
    Console.WriteLine($"{kind}: training loss {log.Training[0]:0.0000} at first, validation loss {log.Validation:0.0000} at the end");
}
