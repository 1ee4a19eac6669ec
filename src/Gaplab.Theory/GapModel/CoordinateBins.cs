// Many coordinates as few: those of like curvature, noise and start stand for one another.
namespace Gaplab.Theory.GapModel;

/// <summary>Groups coordinates in (log λ, log σ², log a²) and gives each group its weight, keeping the sums Σw, Σwλa² and Σwλσ².</summary>
/// <remarks>
/// For SGD the loss is linear in a² and σ², so only curvatures need be alike; for Adam it is so where noise dominates. Cells of a fine grid
/// are split where the spread weighted by importance (the share of the initial loss, of the noise and of the coordinates) is largest.
/// </remarks>
internal static class CoordinateBins
{
    // How much a spread of ln λ, ln σ² and ln a² matters.
    private static readonly double[] s_axes = [1, 0.3, 0.15];

    private sealed class Cell
    {
        public double Weight,
            Importance,
            Signal,
            Noise;
        public readonly double[] Log = new double[3];
    }

    /// <summary>At most <paramref name="count"/> entries; the quadratic itself where it has no more.</summary>
    public static Quadratic Of(Quadratic quadratic, int count)
    {
        ArgumentNullException.ThrowIfNull(quadratic);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (quadratic.Count <= count)
            return quadratic;
        var queue = new PriorityQueue<(List<Cell> Cells, int Axis, double At), double>();
        var done = new List<List<Cell>>();
        void Add(List<Cell> cells)
        {
            (int axis, double at, double cost) = Spread(cells);
            if (cost > 0)
                queue.Enqueue((cells, axis, at), -cost);
            else
                done.Add(cells);
        }
        foreach (IGrouping<bool, Cell> part in Fine(quadratic).GroupBy(c => double.IsFinite(c.Log[0])))
            Add([.. part]);
        while (queue.Count + done.Count < count && queue.TryDequeue(out var largest, out _))
        {
            Add([.. largest.Cells.Where(c => c.Log[largest.Axis] <= largest.At)]);
            Add([.. largest.Cells.Where(c => c.Log[largest.Axis] > largest.At)]);
        }
        List<Cell>[] bins = [.. done, .. queue.UnorderedItems.Select(i => i.Element.Cells)];
        var merged = bins.Select(Merge).OrderByDescending(m => m.Curvature).ToArray();
        return new Quadratic(
            [.. merged.Select(m => m.Curvature)],
            [.. merged.Select(m => m.Noise)],
            [.. merged.Select(m => m.Start)],
            [.. merged.Select(m => m.Weight)]
        );
    }

    /// <summary>The coordinates on a grid of an eighth of an octave in λ, half one in σ² and one in a².</summary>
    private static IEnumerable<Cell> Fine(Quadratic q)
    {
        double signal = 0,
            noise = 0,
            deviation = 0,
            coordinates = 0;
        (double[] curvature, double[] variance, double[] start, double[] weight) = (
            [.. q.Curvature],
            [.. q.NoiseVariance],
            [.. q.StartSquared],
            [.. q.Weight]
        );
        for (int i = 0; i < curvature.Length; i++)
        {
            signal += weight[i] * curvature[i] * start[i];
            noise += weight[i] * curvature[i] * variance[i];
            deviation += weight[i] * Math.Sqrt(variance[i]);
            coordinates += weight[i];
        }
        var cells = new Dictionary<(int, int, int), Cell>();
        for (int i = 0; i < curvature.Length; i++)
        {
            (double l, double s, double a, double w) = (curvature[i], variance[i], start[i], weight[i]);
            (double logL, double logS, double logA) = (Math.Log2(l), Math.Log2(s), Math.Log2(a));
            var key = (Key(logL, 8), Key(logS, 2), Key(logA, 1));
            if (!cells.TryGetValue(key, out Cell? cell))
                cells.Add(key, cell = new Cell());
            double importance = w * (Share(l * a, signal) + Share(l * s, noise) + Share(Math.Sqrt(s), deviation) + 0.1 / coordinates);
            cell.Weight += w;
            cell.Importance += importance;
            cell.Signal += w * l * a;
            cell.Noise += w * l * s;
            cell.Log[0] += importance * logL;
            cell.Log[1] += importance * logS;
            cell.Log[2] += importance * logA;
        }
        foreach (Cell cell in cells.Values)
        {
            for (int axis = 0; axis < 3; axis++)
                cell.Log[axis] /= cell.Importance;
            yield return cell;
        }
    }

    private static double Share(double part, double whole) => whole > 0 ? part / whole : 0;

    private static int Key(double log, double perOctave) => double.IsFinite(log) ? (int)Math.Floor(log * perOctave) : int.MinValue;

    /// <summary>The axis of largest weighted spread, where to cut it, and that spread.</summary>
    private static (int Axis, double At, double Cost) Spread(List<Cell> cells)
    {
        (int best, double at, double cost) = (0, 0, 0);
        for (int axis = 0; axis < 3; axis++)
        {
            double weight = 0,
                sum = 0,
                squares = 0;
            bool zeros = false;
            foreach (Cell cell in cells)
            {
                if (!double.IsFinite(cell.Log[axis]))
                {
                    zeros = true;
                    continue;
                }
                weight += cell.Importance;
                sum += cell.Importance * cell.Log[axis];
            }
            if (weight == 0)
                continue;
            double mean = sum / weight;
            foreach (Cell cell in cells)
                if (double.IsFinite(cell.Log[axis]))
                    squares += cell.Importance * Math.Pow(cell.Log[axis] - mean, 2);
            // Exact zeros are kept apart from what is not zero before anything else.
            double spread = zeros ? double.MaxValue : s_axes[axis] * squares;
            if (zeros)
                mean = double.NegativeInfinity;
            if (spread > cost)
                (best, at, cost) = (axis, mean, spread);
        }
        // Rounding may leave a spread among equal cells; such a cut would be empty on one side.
        return cells.Exists(c => c.Log[best] > at) && cells.Exists(c => c.Log[best] <= at) ? (best, at, cost) : (best, at, 0);
    }

    private static (double Curvature, double Noise, double Start, double Weight) Merge(List<Cell> cells)
    {
        double weight = cells.Sum(c => c.Weight),
            importance = cells.Sum(c => c.Importance);
        double curvature = double.IsFinite(cells[0].Log[0]) ? Math.Pow(2, cells.Sum(c => c.Importance * c.Log[0]) / importance) : 0;
        // Coordinates without curvature have no loss: what they would have for noise and start does not matter.
        return curvature == 0
            ? (0, 1, 0, weight)
            : (curvature, cells.Sum(c => c.Noise) / (weight * curvature), cells.Sum(c => c.Signal) / (weight * curvature), weight);
    }
}
