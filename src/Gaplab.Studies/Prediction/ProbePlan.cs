// How large a study's probe is, so that it costs little beside the sweep that it stands in for.
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Prediction;

/// <summary>The sizes of a probe. Costs count gradients of one sample; a product of the Hessian with a vector counts two a sample, a graph
/// to differentiate again two, a loss one.</summary>
/// <param name="First">The trial run of the first optimizer, at its middle rate.</param>
/// <param name="Second">The second's, with as many steps.</param>
/// <param name="Layers">Whose gradient and noise are told apart, which costs nothing beside the whole; none where there is one.</param>
/// <param name="LayerCurvature">Whether their spectra are measured too; not where they would cost too much.</param>
/// <param name="Noise">Samples whose gradients are taken one by one.</param>
/// <param name="Curvature">Samples in the Hessian.</param>
/// <param name="Evaluated">Validation samples for losses.</param>
/// <param name="Sweep">Sample gradients of the sweep's first round.</param>
internal sealed record ProbePlan(
    RunSpec First,
    RunSpec Second,
    IReadOnlyList<ParamBlock> Layers,
    bool LayerCurvature,
    int Noise,
    int Curvature,
    int Evaluated,
    long Sweep
)
{
    /// <summary>What a probe, or the first round of a <see cref="Miniature"/>, may cost of the sweep.</summary>
    public const double Share = 0.02;

    /// <summary>Products a quadrature: moments up to twice as many are exact.</summary>
    public const int Lanczos = 8;

    // At the start, at five points of each trial run, and the run's own at its end.
    private const int Losses = 1 + 2 * 6;

    private const int MostSteps = 300,
        FewestSteps = 20,
        FewestSamples = 8,
        EnoughSamples = 32,
        MostSamples = 256;

    public int Steps => (int)First.Budget.Amount;

    public int Batch => First.Batch;

    /// <summary>The steps after which losses are taken.</summary>
    public IReadOnlyList<long> LossSteps =>
        [.. new[] { 0.125, 0.25, 0.5, 0.75, 1 }.Select(f => Math.Max(1, (long)Math.Round(f * Steps))).Distinct()];

    /// <summary>Of losses at the start and after <see cref="LossSteps"/>, those at the start and after K/4, K/2 and K steps; none where so
    /// few steps are not told apart.</summary>
    public IReadOnlyList<double> Doubling(IReadOnlyList<double> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        return losses.Count == 6 ? [losses[0], losses[2], losses[3], losses[5]] : [];
    }

    /// <summary>Sample gradients of the whole probe: two trial runs, losses, and at the start and where each run ended the noise and the
    /// curvature.</summary>
    public long Cost => 2L * Steps * Batch + (long)Losses * Evaluated + 6L * Noise + Curvature * PerSample(Spectra);

    private int Spectra => LayerCurvature ? Layers.Count : 0;

    /// <summary>Fits a probe of a study's first seed and middle batch size into its share of the sweep; the least sizes stand where even
    /// those exceed it.</summary>
    /// <param name="plan">Of one comparison.</param>
    /// <param name="task">Its data.</param>
    /// <param name="model">Its model.</param>
    /// <param name="pair">The two optimizers compared.</param>
    public static ProbePlan Of(Plan plan, ITask task, IModel model, (string First, string Second) pair)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(model);
        IReadOnlyList<int> batches = plan.Study.Grid.Batches;
        int batch = batches[(batches.Count - 1) / 2];
        RunSpec Trial(string optimizer)
        {
            Arm arm = plan.Arms.First(g => g.Batch == batch && g.Optimizer == optimizer);
            return plan.Run(arm, arm.Rates[arm.Rates.Count / 2], plan.Study.Grid.Seeds[0]);
        }
        RunSpec first = Trial(pair.First),
            second = Trial(pair.Second);
        long sweep = PlanEstimate.Of(plan).Samples,
            allowance = (long)(Share * sweep);
        long most = Math.Min(MostSteps, first.Budget.Steps(batch, first.Task.Context));
        long steps = Math.Clamp(allowance / 6 / batch, Math.Min(FewestSteps, most), most);
        int noise = (int)Math.Min(task.TrainEvaluationCount(0), Math.Clamp(allowance / 60, FewestSamples, MostSamples));
        int evaluated = (int)Math.Min(task.ValidationCount(0), noise);
        long left = allowance - 2 * steps * batch - Losses * evaluated - 6 * noise;
        IReadOnlyList<ParamBlock> layers = ParamBlock.Layers(model.Layout);
        if (layers.Count < 2)
            layers = [];
        bool spectra = layers.Count > 0 && left / PerSample(layers.Count) >= EnoughSamples;
        int curvature = (int)
            Math.Min(task.TrainEvaluationCount(0), Math.Clamp(left / PerSample(spectra ? layers.Count : 0), FewestSamples, MostSamples));
        RunSpec Short(RunSpec run) =>
            run with
            {
                Budget = new BudgetSpec { Unit = "steps", Amount = steps },
                Evaluation = run.Evaluation with { Points = 0, Validation = evaluated, Train = -1, Bleu = -1 },
            };
        return new ProbePlan(Short(first), Short(second), layers, spectra, noise, curvature, evaluated, sweep);
    }

    // A graph at each of three points. The whole: at the start in both metrics, later in the run's own, with a quadrature of the way from
    // the start. The layers and the geometry: at the start and after the second's run.
    private static long PerSample(int layers) =>
        6
        + 2L
            * (
                (2 * BlockProbe.Quadratures + 2 * (BlockProbe.Quadratures + 1) + layers * (2 * BlockProbe.Quadratures)) * Lanczos
                + 2 * GeometryProbe.Products
            );
}
