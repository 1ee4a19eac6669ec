// Muon: momentum of every hidden matrix, made orthogonal by Newton-Schulz steps; the other parameters by Adam.
using System.Numerics;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Optim;

/// <summary>Muon on <see cref="HiddenMatrices"/>, Adam times <paramref name="RestFactor"/> on embeddings, head and vectors; both without
/// the learning rate.</summary>
/// <remarks>
/// <c>M ← μM + G; X = G + μM (Nesterov) or M; X ← X/(‖X‖_F + 1e-7); n times: A = XXᵀ, X ← aX + (bA + cA²)X</c> with (a, b, c) = (3.4445,
/// −4.7750, 2.0315), on Xᵀ where X has more rows than columns; <c>u = √max(1, outputs/inputs)·X</c>. Jordan et al. 2024 ("Muon: an
/// optimizer for hidden layers in neural networks").
/// Our matrices are [inputs, outputs], the transpose of PyTorch's. The products run in the row's own precision, not in bfloat16. Some write
/// M ← μM + (1−μ)G: the same but for the 1e-7.
/// </remarks>
/// <param name="Mu">μ.</param>
/// <param name="Nesterov">Look ahead.</param>
/// <param name="Iterations">n, Newton–Schulz steps.</param>
/// <param name="Beta1">Of Adam.</param>
/// <param name="Beta2">Of Adam.</param>
/// <param name="Epsilon">Of Adam.</param>
/// <param name="RestFactor">Adam's own learning rate over this rule's.</param>
internal sealed record ScaleByMuon(Hyper Mu, bool Nesterov, int Iterations, Hyper Beta1, Hyper Beta2, double Epsilon, Hyper RestFactor)
    : Link
{
    public override string Name => "muon";

    public override LinkNeeds Needs => LinkNeeds.Layout;

    /// <summary>"first": M of the matrices and Adam's m of the rest; "v": Adam's, of the rest alone, in layout order.</summary>
    public override IReadOnlyList<string> Memory => ["first", "v"];

    public override long MemorySize(string memory, ParamLayout layout) =>
        memory == "first" ? layout.Count : layout.Slices.Where(s => !HiddenMatrices.Contains(s)).Sum(s => s.Count);

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context)
    {
        T mu = T.CreateChecked(Mu.At(context.Replica, context.Step)),
            factor = T.CreateChecked(RestFactor.Peak(context.Replica));
        AdamStep<T> adam = AdamStep<T>.At(
            Beta1.At(context.Replica, context.Step),
            Beta2.At(context.Replica, context.Step),
            Epsilon,
            context.Step
        );
        int at = 0;
        foreach (ParamSlice slice in context.Layout.Slices)
        {
            int offset = checked((int)slice.Offset),
                count = checked((int)slice.Count);
            Span<T> u = chunk.Update.Slice(offset, count),
                first = chunk.Memory0.Slice(offset, count);
            if (HiddenMatrices.Contains(slice))
            {
                TensorPrimitives.MultiplyAdd(first, mu, u, first);
                if (Nesterov)
                    TensorPrimitives.MultiplyAdd(first, mu, u, u);
                else
                    first.CopyTo(u);
                NewtonSchulz.Orthogonalise(u, slice.Shape[0], slice.Shape[1], Iterations);
                TensorPrimitives.Multiply(u, T.CreateChecked(Math.Sqrt(Math.Max(1, slice.Shape[1] / (double)slice.Shape[0]))), u);
            }
            else
            {
                adam.Apply(u, first, chunk.Memory1.Slice(at, count), T.PositiveInfinity);
                TensorPrimitives.Multiply(u, factor, u);
                at += count;
            }
        }
    }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        long at = 0;
        foreach (ParamSlice slice in rows.Layout.Slices)
        {
            Tensor u = DeviceRows.Piece(update, slice),
                first = DeviceRows.Piece(rows.Memory(0), slice);
            if (HiddenMatrices.Contains(slice))
            {
                rows.Scale(first, r => Mu.At(r, rows.Step));
                first.AddInPlace(u);
                if (Nesterov)
                    rows.Add(u, first, r => Mu.At(r, rows.Step));
                else
                    u.CopyFrom(first);
                u.CopyFrom(NewtonSchulz.Orthogonalised(u, rows, slice.Shape[0], slice.Shape[1], Iterations));
                u.MultiplyInPlace(Math.Sqrt(Math.Max(1, slice.Shape[1] / (double)slice.Shape[0])));
            }
            else
            {
                ScaleByAdam.Step(u, first, rows.Memory(1).Narrow(1, at, slice.Count), rows, Beta1, Beta2, Epsilon, null);
                rows.Scale(u, RestFactor.Peak);
                at += slice.Count;
            }
        }
    }

    public static OptimizerKind Kind { get; } =
        new()
        {
            Name = "muon",
            Says = "below",
            Keys =
            [
                OptimizerKey.Momentum,
                OptimizerKey.Nesterov,
                new(
                    SpecKey.Whole<OptimizerSpec>(
                        "newton-schulz",
                        1,
                        100,
                        s => s.NewtonSchulz,
                        (s, v) => s with { NewtonSchulz = v },
                        "number of orthogonalising steps"
                    )
                ),
                OptimizerKey.Positive(
                    "adam-lr",
                    s => s.AdamLearningRate,
                    (s, v) => s with { AdamLearningRate = v },
                    "Adam's learning rate on embeddings, head and vectors"
                ),
                OptimizerKey.Beta1,
                OptimizerKey.Beta2,
                OptimizerKey.Epsilon,
            ],
            Averages = [OptimizerKey.Momentum, OptimizerKey.Beta1, OptimizerKey.Beta2],
            Defaults = o => o with { Momentum = 0.95, Nesterov = true, Beta2 = 0.95, Epsilon = 1e-10 },
            Decay = "lr",
            Rule = o =>
                [
                    new ScaleByMuon(
                        OptimizerKey.Momentum.Of(o),
                        o[0].Nesterov,
                        o[0].NewtonSchulz,
                        OptimizerKey.Beta1.Of(o),
                        OptimizerKey.Beta2.Of(o),
                        o[0].Epsilon,
                        Rest(o)
                    ),
                ],
            RestFactor = Rest,
            Memory = StepMemory.Endless,
            StateRows = _ => 2,
        };

    private static Hyper Rest(IReadOnlyList<OptimizerSpec> replicas) => new([.. replicas.Select(o => o.AdamLearningRate / o.LearningRate)]);
}

/// <summary>The quintic Newton–Schulz iteration, which moves every singular value of a matrix towards 1 and leaves its singular
/// vectors.</summary>
internal static class NewtonSchulz
{
    private const double A = 3.4445,
        B = -4.7750,
        C = 2.0315,
        Guard = 1e-7;

    /// <summary>In place on a row-major matrix [rows, columns]. After five steps singular values lie in about 0.7 … 1.2.</summary>
    public static void Orthogonalise<T>(Span<T> matrix, long rows, long columns, int iterations)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TensorPrimitives.Multiply(matrix, T.CreateChecked(1 / (RowNorm.Of<T>(matrix) + Guard)), matrix);
        using var scope = new TensorScope();
        Tensor x = Iterated(Tensor.From<T>(matrix, rows, columns), iterations);
        x.Contiguous().Span<T>().CopyTo(matrix);
    }

    /// <summary>The same of every row of a piece [R, rows·columns]: [R, rows·columns].</summary>
    public static Tensor Orthogonalised(Tensor piece, DeviceRows all, long rows, long columns, int iterations)
    {
        double[] norms = DeviceRows.Norms(piece);
        Tensor x = (piece * all.Column(r => 1 / (norms[r] + Guard), piece.Type)).Reshape(piece.Size(0), rows, columns);
        return Iterated(x, iterations).Reshape(piece.Size(0), rows * columns);
    }

    // Of a matrix, or of each of several.
    private static Tensor Iterated(Tensor x, int iterations)
    {
        bool tall = x.Size(-2) > x.Size(-1);
        if (tall)
            x = x.Transpose(-2, -1);
        for (int i = 0; i < iterations; i++)
        {
            Tensor a = x.MatMul(x.Transpose(-2, -1));
            x = x * A + (a * B + a.MatMul(a) * C).MatMul(x);
        }
        return tall ? x.Transpose(-2, -1) : x;
    }
}
