// One forecast held against one sweep, and two forecasters compared over tasks.
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>Scores of one forecast of one pair; lower is better.</summary>
/// <param name="Bits">Mean over the batch sizes of the log score of who is ahead, in bits.</param>
/// <param name="CrossoverBits">Log score of where B* lies, in bits.</param>
/// <param name="RankedProbability">Of B* over its bins.</param>
/// <param name="GapError">Mean CRPS of the gaps.</param>
/// <param name="Covered">Gaps within the central 80% of the forecast, the sweep's error included, of all.</param>
public sealed record TaskScore(double Bits, double CrossoverBits, double RankedProbability, double GapError, double Covered)
{
    /// <summary>A forecast speaks of the truth, a sweep of the truth with its error: who is ahead and B* are scored against the truth as
    /// the sweep's bootstrap has it, gaps against the measured number after the forecast is given the sweep's error.</summary>
    internal static TaskScore Of(GapDraws forecast, MeasuredGaps measured, RelevanceBand band, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        ArgumentNullException.ThrowIfNull(measured);
        ArgumentNullException.ThrowIfNull(band);
        if (!forecast.Sizes.SequenceEqual(measured.Sizes))
            throw new ArgumentException(
                $"a forecast of {string.Join(", ", forecast.Sizes)} against {string.Join(", ", measured.Sizes)}; expected the same sizes",
                nameof(forecast)
            );
        GapDraws seen = forecast.Convolved(measured.Errors, seed);
        GapVerdict verdict = GapVerdict.Of("", "", forecast, band);
        double bits = 0,
            error = 0,
            covered = 0,
            count = measured.Sizes.Count;
        for (int i = 0; i < measured.Sizes.Count; i++)
        {
            BatchVerdict said = verdict.Batches[i];
            bits += ForecastScores.LogBits([said.FirstAhead, said.Level, said.SecondAhead], measured.Sides(i, band)) / count;
            double[] draws = [.. seen.At(measured.Sizes[i]).Order()];
            error += ForecastScores.ContinuousRankedProbability(draws, measured.Gaps[i]) / count;
            bool inside = measured.Gaps[i] >= Quantiles.Type7(draws, 0.1) && measured.Gaps[i] <= Quantiles.Type7(draws, 0.9);
            covered += (inside ? 1 : 0) / count;
        }
        CrossoverBins truth = measured.Bins(band);
        return new TaskScore(
            bits,
            ForecastScores.LogBits(verdict.Bins.All, truth.All),
            ForecastScores.RankedProbability(verdict.Bins, truth),
            error,
            covered
        );
    }
}

/// <summary>How much lower one forecaster's scores are than another's, over the same tasks.</summary>
/// <param name="Mean">Of the differences other − own; positive: own is better.</param>
/// <param name="Low">Lower end of the 90% interval by Student's t over tasks; null from one task.</param>
/// <param name="High">Upper end.</param>
public sealed record PairedDifference(int Tasks, double Mean, double? Low, double? High)
{
    private const double Level = 0.9;

    internal static PairedDifference Of(IReadOnlyList<double> own, IReadOnlyList<double> other)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(other);
        if (own.Count != other.Count || own.Count == 0)
            throw new ArgumentException($"{own.Count} scores against {other.Count}; expected one of each for every task", nameof(own));
        double[] differences = [.. other.Zip(own, (o, w) => o - w)];
        double mean = differences.Average();
        if (differences.Length < 2)
            return new PairedDifference(1, mean, null, null);
        double half = StudentTDistribution.Quantile(differences.Length - 1, 0.5 + Level / 2) * SampleError.OfMean(differences);
        return new PairedDifference(differences.Length, mean, mean - half, mean + half);
    }
}
