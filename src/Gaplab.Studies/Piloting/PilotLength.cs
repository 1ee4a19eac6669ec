// The lengths of training in a pilot.
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Piloting;

/// <summary>A part of a study's length at the same batch size.</summary>
/// <param name="Name">One word, in stores.</param>
/// <param name="Text">As tables write it.</param>
/// <param name="Divisor">The budget is divided by it.</param>
/// <param name="Step">Factor between the learning rates of a cell.</param>
internal sealed record PilotLength(string Name, string Text, int Divisor, double Step)
{
    /// <summary>Of shorter ones: with fewer steps there is nothing but warm-up and decay.</summary>
    public const long FewestSteps = 32;

    private const double RootTen = 3.1622776601683795;

    /// <summary>Its rates are near each other: shorter runs have told where to look.</summary>
    public static PilotLength Whole { get; } = new("whole", "N", 1, 2);
    public static PilotLength Quarter { get; } = new("quarter", "N/4", 4, RootTen);
    public static PilotLength Sixteenth { get; } = new("sixteenth", "N/16", 16, RootTen);

    /// <summary>n/N.</summary>
    public double Share => 1.0 / Divisor;

    public BudgetSpec Of(BudgetSpec budget) => budget with { Amount = budget.Amount / Divisor };

    /// <summary>Optimizer steps of a run.</summary>
    public long Steps(StudySpec study, int batch) => Of(study.Budget).Steps(batch, study.Task.Context);

    /// <summary>Training samples of a run.</summary>
    public long Samples(StudySpec study, int batch) => Steps(study, batch) * batch;

    /// <summary>Whether a run has steps enough to be read as a short version of the whole.</summary>
    public bool Fits(StudySpec study, int batch) => Divisor == 1 || Steps(study, batch) >= FewestSteps;
}
