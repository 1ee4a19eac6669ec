// The pointwise nonlinearities by name.
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>"relu2" (max(x, 0)²), "relu", "gelu" (exact), "tanh", "silu".</summary>
public static class Activation
{
    public static IReadOnlyList<string> Names { get; } = ["relu2", "relu", "gelu", "tanh", "silu"];

    public static Tensor Apply(string name, Tensor x) =>
        name switch
        {
            "relu2" => x.ReluSquared(),
            "relu" => x.Relu(),
            "gelu" => x.Gelu(),
            "tanh" => x.Tanh(),
            "silu" => x.Silu(),
            _ => throw new ArgumentException($"activation is '{name}'; expected {string.Join(", ", Names)}", nameof(name)),
        };
}
