// How large a study's probe is, so that it costs little beside the sweep that it stands in for.
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Studies.Prediction;

/// <summary>The sizes of a probe. Costs count gradients of one sample; a product of the Hessian with a vector counts two a sample, a graph to differentiate again two, a loss one.</summary>
/// <param name="Run">The training: of one optimizer at its middle rate, for <paramref name="Run"/>'s budget of steps.</param>
/// <param name="Blocks">The layers, or all parameters as one where layers would cost too much.</param>
/// <param name="Noise">Samples whose gradients are taken one by one.</param>
/// <param name="Curvature">Samples in the Hessian.</param>
/// <param name="Evaluated">Validation samples for losses.</param>
/// <param name="Sweep">Sample gradients of the sweep's first round.</param>
public sealed record ProbePlan(RunSpec Run, IReadOnlyList<ParamBlock> Blocks, int Noise, int Curvature, int Evaluated, long Sweep)
{
    /// <summary>What the probe may cost of the sweep.</summary>
    public const double Share = 0.02;

    /// <summary>Products a quadrature: moments up to twice as many are exact.</summary>
    public const int Lanczos = 8;

    // Before the first step, after a quarter, half and all of the steps, and the training's own at its end.
    private const int Losses = 5;

    private const int MostSteps = 300, FewestSteps = 20, FewestSamples = 8, MostSamples = 256;

    public int Steps => (int)Run.Budget.Amount;

    /// <summary>Sample gradients of the whole probe: training, losses, and at two points the noise and the curvature.</summary>
    public long Cost => (long)Steps * Run.Batch + (long)Losses * Evaluated + 4L * Noise + Curvature * PerSample(Blocks.Count);

    /// <summary>Fits a probe of a study's first seed and middle batch size into its share of the sweep; the least sizes stand where even those exceed it.</summary>
    /// <param name="plan">Of one cell.</param>
    /// <param name="task">Its data.</param>
    /// <param name="model">Its model.</param>
    /// <param name="optimizer">Which of the study's optimizers trains.</param>
    public static ProbePlan Of(Plan plan, ITask task, IModel model, string optimizer)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(model);
        if (plan.Cells.Count > 1) throw new InputException("the study has settings or factors; a prediction is of one task and model: leave one setting and one level of each factor");
        IReadOnlyList<int> batches = plan.Study.Grid.Batches;
        int batch = batches[(batches.Count - 1) / 2];
        StudyGroup group = plan.Groups.First(g => g.Batch == batch && g.Optimizer == optimizer);
        RunSpec run = plan.Run(group, group.Rates[group.Rates.Count / 2], plan.Study.Grid.Seeds[0]);
        long sweep = PlanEstimate.Of(plan).Samples, allowance = (long)(Share * sweep);
        long most = Math.Min(MostSteps, run.Budget.Steps(batch, run.Task.Context));
        long steps = Math.Clamp(allowance / 4 / batch, Math.Min(FewestSteps, most), most);
        int noise = (int)Math.Min(task.TrainEvaluationCount(0), Math.Clamp(allowance / 40, FewestSamples, MostSamples));
        int evaluated = (int)Math.Min(task.ValidationCount(0), noise);
        long left = allowance - steps * batch - Losses * evaluated - 4 * noise;
        IReadOnlyList<ParamBlock> layers = ParamBlock.Layers(model.Layout), blocks = left / PerSample(layers.Count) >= FewestSamples ? layers : [ParamBlock.All(model.Layout)];
        int curvature = (int)Math.Min(task.TrainEvaluationCount(0), Math.Clamp(left / PerSample(blocks.Count), FewestSamples, MostSamples));
        return new ProbePlan(run with { Budget = new BudgetSpec { Unit = "steps", Amount = steps }, Evaluation = run.Evaluation with { Points = 0, Validation = evaluated, Train = -1, Bleu = -1 } }, blocks, noise, curvature, evaluated, sweep);
    }

    // A graph at each of two points, and at the second a quadrature more: of the way between them.
    private static long PerSample(int blocks) => 4 + 2L * (blocks * (2 * BlockProbe.Quadratures + 1) * Lanczos + 2 * GeometryProbe.Products);
}
