// The recurrent language model: long short-term memory layers between an embedding and a head.
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Models;

/// <summary>Embedding, layers of LSTM, linear head (Zaremba, Sutskever and Vinyals 2014, without dropout). Every sequence starts from zero
/// states.</summary>
internal sealed class Lstm : RecurrentModel
{
    /// <param name="spec">Sizes and options.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="rows">The form of the task's rows.</param>
    /// <exception cref="InputException">Impossible sizes.</exception>
    public Lstm(ModelSpec spec, int vocabulary, TokenRows rows = TokenRows.Shifted)
        : base(spec, vocabulary, rows, (layout, name) => new LstmLayer(layout, name, spec, spec.Width)) { }

    /// <summary>Without options, on tokens as on images.</summary>
    internal static ModelSpec Defaults { get; } =
        new()
        {
            Kind = "lstm",
            Layers = 2,
            Width = 64,
            Bias = true,
            HeadInit = "xavier-uniform",
            EmbeddingStd = 1,
        };

    /// <summary>The row of the catalogue; that of images is the classifier's.</summary>
    internal static ModelKind Kind { get; } =
        new()
        {
            Name = "lstm",
            Says = "long short-term memory (Hochreiter and Schmidhuber 1997), with forget gates",
            Reads = [SampleKind.Tokens, SampleKind.Bases],
            Defaults = Defaults,
            Keys = [.. RecurrentModel.Keys, ModelKey.ForgetBias],
            Build = (spec, input) => new Lstm(spec, input.Vocabulary, input.Rows),
            Numbers = (spec, input) => input.Context * (LstmLayer.Numbers(spec) + 3.0 * input.Vocabulary),
            Facts = spec => [ModelFact.Layers(spec), ModelFact.Width(spec)],
            Objection = ForgetGates,
        };

    /// <summary>The error of a forget bias without biases.</summary>
    internal static InputException? ForgetGates(IKeys s, ModelSpec spec, TaskSpec task) =>
        !spec.Bias && s.Has("forget-bias")
            ? s.Error("forget-bias", "'model.forget-bias' is given, but 'model.bias' is false; expected one of them")
            : null;
}
