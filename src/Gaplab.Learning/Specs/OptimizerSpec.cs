// What a run trains with.
namespace Gaplab.Learning.Specs;

/// <summary>An optimizer with its numbers; a chain is built from it. Which keys a kind uses stands in its row in the catalogue of
/// optimizers. A key that is added for one rule is declared in that rule's file.</summary>
public sealed partial record OptimizerSpec : IOwnKeys<OptimizerSpec>
{
    /// <summary>The name the study gives it ("sgd", "adam", "adam-noclip"); part of no formula and not hashed.</summary>
    [NotHashed]
    public required string Name { get; init; }
    public required string Kind { get; init; }
    public required double LearningRate { get; init; }

    /// <summary>Heavy-ball momentum μ (v ← μv + g), PyTorch's convention with no dampening.</summary>
    public double Momentum { get; init; }
    public bool Nesterov { get; init; }
    public double Beta1 { get; init; } = 0.9;
    public double Beta2 { get; init; } = 0.999;
    public double Epsilon { get; init; } = 1e-8;
    public double WeightDecay { get; init; }

    /// <summary>"none", "coupled" (added to the gradient), "lr" (AdamW: p ← p·(1 − lr_t·wd)) or "schedule" (p ← p·(1 −
    /// wd·lr_t/lr_max)).</summary>
    public string Decay { get; init; } = "none";

    /// <summary>Clip the whole gradient's 2-norm to this; 0 is off.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Clip the largest fraction of the coordinates, in [0, 1], to the size of the largest of the others; 0 is off.</summary>
    public double ClipTop { get; init; }

    /// <summary>"gradient" (before the accumulators), "gradient-m" (Adam's m takes the clipped and v the raw gradient) or "update" (the
    /// rule's result).</summary>
    public string ClipTopAt { get; init; } = "gradient";

    /// <summary>"row": one threshold over all parameters; "tensor": one for each tensor.</summary>
    public string ClipTopScope { get; init; } = "row";

    /// <summary>0: the rule works in the parameters' own basis. Another number names random orthogonal bases, one for each side of every
    /// tensor, in which it works instead.</summary>
    public long Rotation { get; init; }

    /// <summary>RMSprop: divide by the root of the variance, not of the mean square.</summary>
    public bool Centered { get; init; }

    /// <summary>Adagrad: what the sum of squares starts from.</summary>
    public double InitialAccumulator { get; init; }

    /// <summary>Adafactor: c of β̂₂ = 1 − t^(−c).</summary>
    public double DecayRate { get; init; } = 0.8;

    /// <summary>Adafactor: d, the root mean square that a tensor's update may have.</summary>
    public double UpdateClip { get; init; } = 1;

    /// <summary>Adafactor: steps are relative to the root mean square of the tensor, at least <see cref="Epsilon2"/>.</summary>
    public bool RelativeStep { get; init; }
    public double Epsilon2 { get; init; } = 1e-3;

    /// <summary>Muon: Newton–Schulz steps.</summary>
    public int NewtonSchulz { get; init; } = 5;

    /// <summary>Muon: learning rate of Adam on embeddings, head and vectors; it follows the same schedule.</summary>
    public double AdamLearningRate { get; init; } = 3e-4;

    /// <summary>Keys that kinds from outside have of their own.</summary>
    [OmittedAtDefault]
    public OwnKeys Own { get; init; } = OwnKeys.None;

    public OptimizerSpec WithOwn(OwnKeys own) => this with { Own = own };

    /// <summary>The name of the unclipped twin: the first of others that is this recipe, at whatever rate, without its clip at the top. An
    /// optimizer that is not clipped, or has no twin among them, is its own.</summary>
    /// <param name="others">Among which the twin is looked for, the likeliest first.</param>
    public string UnclippedTwin(IEnumerable<OptimizerSpec> others)
    {
        static OptimizerSpec Recipe(OptimizerSpec spec) =>
            spec with
            {
                Name = "",
                LearningRate = 0,
                ClipTop = 0,
                ClipTopAt = "gradient",
                ClipTopScope = "row",
            };
        return ClipTop == 0 ? Name : others.FirstOrDefault(o => o.ClipTop == 0 && Recipe(o) == Recipe(this))?.Name ?? Name;
    }
}
