// A number that a link tells about a run, so that who trains needs to know no link by name.
namespace Gaplab.Learning.Optim;

/// <summary>What a metric of a link is of.</summary>
public enum MetricOf
{
    /// <summary>The last step: logged along the run.</summary>
    Step,

    /// <summary>The run: a count over its steps.</summary>
    Run,

    /// <summary>The run: a count, as a share of its steps.</summary>
    ShareOfSteps,
}

/// <summary>One metric.</summary>
/// <param name="Name">As logs and results call it: "gradient-norm", "clip-fraction".</param>
/// <param name="Counter">The counter or reading of the link that holds it.</param>
/// <param name="Of">Of what.</param>
public sealed record LinkMetric(string Name, string Counter, MetricOf Of);
