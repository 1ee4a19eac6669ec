// What the models of token sequences share: an embedding at one end, a head at the other, and the loss.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>Token embedding, whatever makes states of it, final norm, head.</summary>
public abstract class SequenceModel : ILogitModel
{
    private readonly Embedding _embedding;
    private readonly TokenRows _rows;
    private readonly int _context;
    private Norm _finalNorm = null!;
    private Linear? _head;

    /// <summary>Lays the embedding; the model's constructor lays what is its own and then <see cref="AddHead"/>.</summary>
    /// <param name="spec">Sizes and options.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="rows">The form of the task's rows.</param>
    /// <param name="context">T, of a model that can see both sides of a masked token; the others have none.</param>
    /// <exception cref="InputException">Masked rows for a model that sees only what came before.</exception>
    protected SequenceModel(ModelSpec spec, int vocabulary, TokenRows rows, int? context = null)
    {
        if (context is null && rows == TokenRows.Masked)
            throw new InputException(
                $"model.kind is '{spec.Kind}', which predicts from what came before, but task.objective is masked; expected model.kind "
                    + $"gpt, or task.objective: next"
            );
        (_rows, _context) = (rows, context ?? 0);
        _embedding = new Embedding(Builder, "embedding", vocabulary, spec.Width, Initialisation.Normal(spec.EmbeddingStd));
    }

    public ParamLayout Layout { get; private set; } = null!;

    protected ParamLayoutBuilder Builder { get; } = new();

    /// <inheritdoc/>
    public Tensor Loss(Tensor theta, Tensor tokens)
    {
        (Tensor logits, Tensor targets) = Predict(theta, tokens);
        return logits.CrossEntropy(targets);
    }

    /// <inheritdoc/>
    public (Tensor Logits, Tensor Targets) Predict(Tensor theta, Tensor tokens)
    {
        TokenBatch batch = TokenBatch.Of(tokens, _rows, _context);
        ParamViews parameters = Layout.Views(theta);
        return (Head(parameters, batch.Predicting(Normalised(parameters, batch.Inputs))), batch.Targets);
    }

    /// <summary>inputs int64 [R, B, T] -> logits [R, B·T, V].</summary>
    public Tensor Logits(Tensor theta, Tensor inputs)
    {
        ParamViews parameters = Layout.Views(theta);
        return Head(parameters, Normalised(parameters, inputs));
    }

    /// <exception cref="InputException">Heads that do not divide the width.</exception>
    internal static void CheckHeads(ModelSpec spec)
    {
        if (spec.Width % spec.Heads != 0)
            throw new InputException(
                $"model.width {spec.Width} is not a multiple of model.heads {spec.Heads}; expected equal heads, for example width "
                    + $"{spec.Heads * (spec.Width / spec.Heads + 1)}"
            );
    }

    /// <summary>inputs int64 [R, B, T] -> states before the final norm [R, B·T, D].</summary>
    protected abstract Tensor States(ParamViews parameters, Tensor inputs);

    /// <summary>inputs int64 [R, B, T] -> [R, B·T, D].</summary>
    protected Tensor Embedded(ParamViews parameters, Tensor inputs) => _embedding.Apply(parameters, inputs.Reshape(inputs.Size(0), -1));

    /// <summary>Lays the final norm and, unless the embedding serves as one, the head: the last of the layout.</summary>
    protected void AddHead(ModelSpec spec, int vocabulary, bool norm, bool bias)
    {
        _finalNorm = Norm.Build(Builder, "final-norm", norm ? spec.Norm : "none", spec.Width, spec.NormGain, spec.Bias);
        _head = spec.TiedHead ? null : new Linear(Builder, "head", spec.Width, vocabulary, bias, InitialWeights.Head(spec));
        Layout = Builder.Build();
    }

    private Tensor Normalised(ParamViews parameters, Tensor inputs) => _finalNorm.Apply(parameters, States(parameters, inputs));

    private Tensor Head(ParamViews parameters, Tensor x) => _head is null ? _embedding.Unembed(parameters, x) : _head.Apply(parameters, x);

    /// <summary>Of the GPT's and T5's MLPs.</summary>
    internal static IReadOnlyList<string> TransformerActivations { get; } = ["relu2", "relu", "gelu", "tanh", "swiglu", "geglu", "reglu"];

    /// <summary>Numbers that a token holds in some layers until the backward pass: about 16 widths outside the MLP, 3 inside, two score
    /// matrices.</summary>
    /// <param name="model">Widths and heads.</param>
    /// <param name="layers">How many.</param>
    /// <param name="keys">Positions that a token attends to.</param>
    /// <param name="attentions">Attentions in a layer.</param>
    internal static double TokenNumbers(ModelSpec model, int layers, double keys, int attentions) =>
        layers * (model.Width * (8 + 8 * attentions + 3 * model.MlpRatio) + 2.0 * attentions * model.Heads * keys);

    /// <summary>Of a sample, as a transformer holds them; the logits are counted three times.</summary>
    internal static double TransformerNumbers(ModelSpec model, ModelInput input)
    {
        double time = input.Context;
        return time * (TokenNumbers(model, model.Layers, time, 1) + 3.0 * input.Vocabulary);
    }
}
