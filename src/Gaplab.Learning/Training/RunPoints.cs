// At which of its steps a run is evaluated and logged.
namespace Gaplab.Learning.Training;

/// <summary>The points of a run at which something is written.</summary>
internal static class RunPoints
{
    /// <summary>Whether the validation loss is measured after this many of all steps: at points spread evenly, the last one at the
    /// end.</summary>
    public static bool IsEvaluated(long taken, long steps, int points)
    {
        if (taken == steps)
            return true;
        if (points <= 0 || taken == 0)
            return false;
        // taken = ⌈i·steps/points⌉ for some i
        return taken * points / steps != (taken - 1) * points / steps;
    }

    /// <summary>Whether the training loss of this step is written: at most about 200 a run, evenly spread.</summary>
    public static bool IsLogged(long taken, long steps) => taken == steps || (taken - 1) % Math.Max(1, steps / 200) == 0;

    /// <summary>The steps "the last 1%" means: at least one.</summary>
    public static long TailSteps(long steps) => Math.Max(1, (long)Math.Ceiling(0.01 * steps - 1e-9));
}
