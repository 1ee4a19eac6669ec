// How well a fit to all other settings predicts one that was left out.
namespace Gaplab.Results.Analysis;

/// <summary>1 − Σ(gap − predicted)²/Σ(gap − mean of the others)², each setting predicted by a fit to the others: 1 is perfect, 0 no better
/// than the others' mean, negative is worse.</summary>
public static class LeftOutSettings
{
    /// <summary>Settings below which nothing can be left out and still be fitted.</summary>
    public const int Fewest = 3;

    /// <summary>The score; null with fewer than three settings, or where the gaps do not vary.</summary>
    /// <param name="rows">Observations.</param>
    /// <param name="setting">What is left out together.</param>
    /// <param name="gap">What is predicted.</param>
    /// <param name="fit">From the rows of the other settings to a prediction.</param>
    public static double? R2<T>(IReadOnlyCollection<T> rows, Func<T, string> setting, Func<T, double> gap, Func<T[], Func<T, double>> fit)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(fit);
        IGrouping<string, T>[] settings = [.. rows.GroupBy(setting, StringComparer.Ordinal)];
        if (settings.Length < Fewest)
            return null;
        double error = 0,
            baseline = 0;
        foreach (IGrouping<string, T> left in settings)
        {
            T[] others = [.. settings.Where(s => s != left).SelectMany(s => s)];
            double mean = others.Average(gap);
            Func<T, double> predicted = fit(others);
            error += left.Sum(r => Math.Pow(gap(r) - predicted(r), 2));
            baseline += left.Sum(r => Math.Pow(gap(r) - mean, 2));
        }
        return baseline > 0 ? 1 - error / baseline : null;
    }
}
