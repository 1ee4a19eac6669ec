// Adafactor: Adam's denominator from the row and column sums of a matrix, so that its memory is theirs.
using System.Buffers;
using System.Numerics;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>Adafactor without its learning rate, by default without relative steps and without a first moment.</summary>
/// <remarks>
/// Per tensor, with β̂₂ = 1 − t^(−c), t = 1, 2, …: for a matrix, <c>R ← β̂₂R + (1−β̂₂)·rowmean(g² + ε₁)</c>, C likewise of columns, V = R·C
/// / mean(R); for any other tensor V ← β̂₂V + (1−β̂₂)(g² + ε₁). Then <c>U = g/√V; U ← U / max(1, RMS(U)/d)</c>; relative steps multiply U
/// by max(ε₂, RMS(p)); β₁ &gt; 0 averages the result, <c>m ← β₁m + (1−β₁)U</c>, without bias correction. Shazeer and Stern 2018, Algorithms
/// 4 and 5. The learning rate with its schedule stands for their ρ_t; PyTorch's own rule differs (it takes relative steps always, and
/// bounds ρ by 1/√t).
/// </remarks>
/// <param name="DecayRate">c.</param>
/// <param name="ClipThreshold">d.</param>
/// <param name="Epsilon1">ε₁, added to the squared gradient.</param>
/// <param name="Epsilon2">ε₂, the least size of a parameter for relative steps.</param>
/// <param name="RelativeStep">Steps are relative to the tensor's root mean square.</param>
/// <param name="Beta1">β₁; 0 for every replica keeps no first moment.</param>
internal sealed record ScaleByAdafactor(
    double DecayRate,
    double ClipThreshold,
    double Epsilon1,
    double Epsilon2,
    bool RelativeStep,
    Hyper Beta1
) : Link
{
    public override string Name => "adafactor";

    public override LinkNeeds Needs => LinkNeeds.Layout;

    public override IReadOnlyList<string> Memory => Beta1.IsZero ? ["second"] : ["second", "m"];

    public override long MemorySize(string memory, ParamLayout layout) =>
        memory == "m" ? layout.Count : layout.Slices.Sum(s => s.Shape.Length == 2 ? s.Shape[0] + s.Shape[1] : s.Count);

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        double decay = 1 - Math.Pow(context.Step + 1, -DecayRate),
            beta1 = Beta1.At(context.Replica, context.Step);
        int at = 0;
        foreach (ParamSlice slice in context.Layout.Slices)
        {
            int offset = checked((int)slice.Offset),
                count = checked((int)slice.Count);
            Span<T> u = chunk.Update.Slice(offset, count);
            if (slice.Shape.Length == 2)
            {
                int rows = checked((int)slice.Shape[0]),
                    columns = checked((int)slice.Shape[1]);
                Factored(u, rows, columns, chunk.Memory0.Slice(at, rows), chunk.Memory0.Slice(at + rows, columns), decay);
                at += rows + columns;
            }
            else
            {
                Full(u, chunk.Memory0.Slice(at, count), decay);
                at += count;
            }
            double scale = 1 / Math.Max(1, RootMeanSquare<T>(u) / ClipThreshold);
            if (RelativeStep)
                scale *= Math.Max(Epsilon2, RootMeanSquare(chunk.Parameters.Slice(offset, count)));
            TensorPrimitives.Multiply(u, T.CreateChecked(scale), u);
            if (Beta1.IsZero)
                continue;
            Span<T> m = chunk.Memory1.Slice(offset, count);
            TensorPrimitives.Multiply(m, T.CreateChecked(beta1), m);
            TensorPrimitives.MultiplyAdd(u, T.CreateChecked(1 - beta1), m, m);
            m.CopyTo(u);
        }
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        double decay = 1 - Math.Pow(rows.Step + 1, -DecayRate);
        Tensor second = rows.Memory(0);
        long at = 0;
        foreach (ParamSlice slice in rows.Layout.Slices)
        {
            Tensor u = DeviceRows.Piece(update, slice),
                squares = u.Square() + Epsilon1;
            if (slice.Shape.Length == 2)
            {
                (long height, long width) = (slice.Shape[0], slice.Shape[1]);
                squares = squares.Reshape(rows.Replicas, height, width);
                Tensor r = second.Narrow(1, at, height),
                    c = second.Narrow(1, at + height, width);
                rows.Average(r, squares.Mean([2]), _ => decay);
                rows.Average(c, squares.Mean([1]), _ => decay);
                // g/√(R_i·C_j/mean R) = g · √(mean R / R_i) / √C_j.
                Tensor byRow = (r.Mean([1], keep: true) / r).Sqrt().Unsqueeze(2),
                    byColumn = c.Sqrt().Unsqueeze(1);
                u.CopyFrom((u.Reshape(rows.Replicas, height, width) * byRow / byColumn).Reshape(rows.Replicas, slice.Count));
                at += height + width;
            }
            else
            {
                Tensor v = second.Narrow(1, at, slice.Count);
                rows.Average(v, squares, _ => decay);
                u.DivideInPlace(v.Sqrt());
                at += slice.Count;
            }
            double length = Math.Sqrt(slice.Count);
            double[] norms = DeviceRows.Norms(u),
                sizes = RelativeStep ? DeviceRows.Norms(DeviceRows.Piece(rows.Parameters, slice)) : [];
            rows.Scale(
                u,
                r => 1 / Math.Max(1, norms[r] / length / ClipThreshold) * (RelativeStep ? Math.Max(Epsilon2, sizes[r] / length) : 1)
            );
            if (Beta1.IsZero)
                continue;
            Tensor m = DeviceRows.Piece(rows.Memory(1), slice);
            rows.Average(m, u, r => Beta1.At(r, rows.Step));
            u.CopyFrom(m);
        }
    }

    private void Factored<T>(Span<T> g, int rows, int columns, Span<T> r, Span<T> c, double decay)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T keep = T.CreateChecked(decay),
            take = T.CreateChecked(1 - decay),
            epsilon = T.CreateChecked(Epsilon1);
        T[] lent = ArrayPool<T>.Shared.Rent(2 * columns);
        Span<T> squares = lent.AsSpan(0, columns),
            means = lent.AsSpan(columns, columns);
        means.Clear();
        for (int i = 0; i < rows; i++)
        {
            Span<T> row = g.Slice(i * columns, columns);
            TensorPrimitives.Multiply<T>(row, row, squares);
            TensorPrimitives.Add(squares, epsilon, squares);
            r[i] = keep * r[i] + take * (TensorPrimitives.Sum<T>(squares) / T.CreateChecked(columns));
            TensorPrimitives.Add(means, squares, means);
        }
        TensorPrimitives.Multiply(means, take / T.CreateChecked(rows), means);
        TensorPrimitives.MultiplyAdd(c, keep, means, c);
        // g/√(R_i·C_j/mean R) = g · √(mean R / R_i) / √C_j.
        T mean = TensorPrimitives.Sum<T>(r) / T.CreateChecked(rows);
        TensorPrimitives.Sqrt(c, means);
        for (int i = 0; i < rows; i++)
        {
            Span<T> row = g.Slice(i * columns, columns);
            TensorPrimitives.Multiply(row, T.Sqrt(mean / r[i]), row);
            TensorPrimitives.Divide(row, means, row);
        }
        ArrayPool<T>.Shared.Return(lent);
    }

    private void Full<T>(Span<T> g, Span<T> v, double decay)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T keep = T.CreateChecked(decay),
            take = T.CreateChecked(1 - decay),
            epsilon = T.CreateChecked(Epsilon1);
        for (int i = 0; i < g.Length; i++)
        {
            v[i] = keep * v[i] + take * (g[i] * g[i] + epsilon);
            g[i] /= T.Sqrt(v[i]);
        }
    }

    private static double RootMeanSquare<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IFloatingPointIeee754<T> => RowNorm.Of(values) / Math.Sqrt(values.Length);

    private static readonly OptimizerKey RelativeSteps = new(
        SpecKey.Flag<OptimizerSpec>(
            "relative-step",
            s => s.RelativeStep,
            (s, v) => s with { RelativeStep = v },
            "steps relative to the tensor's size, its root mean square"
        )
    );

    private static readonly OptimizerKey LeastSize = new(
        SpecKey.Positive<OptimizerSpec>(
            "epsilon2",
            s => s.Epsilon2,
            (s, v) => s with { Epsilon2 = v },
            "ε₂: in relative steps a tensor's size is taken as at least this"
        ) with
        {
            Reads = (s, key, spec) =>
                s.Has(key.Name) && !spec.RelativeStep
                    ? throw s.Error(key.Name, $"'{s.Path(key.Name)}' bounds relative steps, but 'relative-step' is not true")
                    : spec with
                    {
                        Epsilon2 = s.Number(key.Name, spec.Epsilon2, key.Least, key.Most, key.Open),
                    },
        }
    )
    {
        Objection = (_, spec) =>
            !spec.RelativeStep
            && spec.Epsilon2
                != new OptimizerSpec
                {
                    Name = "",
                    Kind = "",
                    LearningRate = 0,
                }.Epsilon2
                ? "bounds relative steps, but relative-step is false"
                : null,
    };

    public static OptimizerKind Kind { get; } =
        new()
        {
            Name = "adafactor",
            Says = "below",
            Keys =
            [
                OptimizerKey.Beta1,
                OptimizerKey.Epsilon,
                new(
                    SpecKey.Positive<OptimizerSpec>(
                        "decay-rate",
                        s => s.DecayRate,
                        (s, v) => s with { DecayRate = v },
                        "c in β̂₂ = 1 − t^(−c)"
                    )
                ),
                new(
                    SpecKey.Positive<OptimizerSpec>(
                        "update-clip",
                        s => s.UpdateClip,
                        (s, v) => s with { UpdateClip = v },
                        "d, the largest root mean square of a tensor's update"
                    )
                ),
                RelativeSteps,
                LeastSize,
            ],
            Averages = [OptimizerKey.Beta1],
            Switches = [OptimizerKey.Beta1],
            Defaults = o => o with { Epsilon = 1e-30, Beta1 = 0 },
            Rule = o =>
                [
                    new ScaleByAdafactor(
                        o[0].DecayRate,
                        o[0].UpdateClip,
                        o[0].Epsilon,
                        o[0].Epsilon2,
                        o[0].RelativeStep,
                        OptimizerKey.Beta1.Of(o)
                    ),
                ],
            Memory = StepMemory.Endless,
            // Rows and columns of the matrices, and the vectors: some per cent of P.
            StateRows = o => 0.1 + (o.Beta1 > 0 ? 1 : 0),
        };
}
