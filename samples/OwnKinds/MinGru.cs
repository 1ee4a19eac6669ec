// The minimal gated recurrent unit, whose gate and candidate see the input alone: the model, its own key and its row.
using Gaplab.Learning.Models;
using Gaplab.Learning.Models.Layers;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

/// <remarks><c>z = σ(x·W + b), h_t = h_{t−1} + z∘(x·U − h_{t−1})</c>, from h_0 = 0. Feng et al. 2024, section 3.1.3.</remarks>
internal sealed class MinGru(ParamLayoutBuilder layout, string name, ModelSpec spec) : IRecurrentLayer
{
    private static readonly OwnKey<ModelSpec, double> GateBias = OwnKey.Number<ModelSpec>("gate-bias", -1, -10, 10, "b at the start");

    public static ModelKind Kind { get; } =
        new()
        {
            Name = "min-gru",
            Says = "minimal gated recurrent units (Feng et al. 2024)",
            Reads = [SampleKind.Tokens],
            Defaults = new ModelSpec { Kind = "min-gru", HeadInit = "xavier-uniform" },
            Keys = [.. RecurrentModel.Keys, GateBias],
            Build = (spec, input) => RecurrentModel.Of(spec, input, (layout, name) => new MinGru(layout, name, spec)),
            Numbers = (spec, input) => input.Context * (spec.Layers * 8.0 * spec.Width + 3.0 * input.Vocabulary),
            Facts = spec => [ModelFact.Layers(spec), ModelFact.Width(spec)],
        };

    private readonly ParamRef _weights = layout.Add(name + ".weights", InitialWeights.Gate(spec, spec.Width), spec.Width, 2 * spec.Width),
        _bias = layout.Add(name + ".bias", Initialisation.Parts(GateBias.Of(spec)), spec.Width);

    public Tensor[] Apply(ParamViews parameters, Tensor x, long batch)
    {
        Tensor[] of = x.Linear(parameters[_weights]).Split([spec.Width, spec.Width], 2); // [R, T·B, D] each
        long[] steps = [.. Enumerable.Repeat(batch, (int)(x.Size(1) / batch))];
        Tensor[] gates = (of[0] + parameters[_bias].Unsqueeze(1)).Sigmoid().Split(steps, 1);
        Tensor[] candidates = of[1].Split(steps, 1); // [R, B, D] each
        Tensor h = gates[0] * candidates[0];
        return [h, .. gates.Zip(candidates).Skip(1).Select(at => h += at.First * (at.Second - h))];
    }
}
