// Multi-head attention, causal or not: softmax or another way to weigh positions, with QK-norm and rotary positions as options.
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>x [R, B·T, D] -> [R, B·T, D]: queries, keys and values by head; QK-norm (RMS without gain) before the rotation; scale 1/√E;
/// output projection (Vaswani et al. 2017; Henry et al. 2020 for QK-norm).</summary>
/// <remarks>The kinds beside softmax are those of <see cref="TokenMixing"/>; "mean" has no queries and keys.</remarks>
internal sealed class Attention
{
    private readonly Linear? _query,
        _key;
    private readonly Linear _value,
        _output;
    private readonly string _kind;
    private readonly long _heads;
    private readonly bool _causal;
    private readonly double _qkEpsilon;
    private readonly ParamRef? _queryGain,
        _keyGain;
    private readonly RotaryTable _positions;

    public Attention(
        ParamLayoutBuilder layout,
        string name,
        long width,
        long heads,
        bool causal,
        bool qkNorm,
        bool qkGain,
        bool bias,
        RotaryTable positions,
        Initialisation weights,
        Initialisation output,
        string kind = "softmax"
    )
    {
        _kind = kind;
        (_heads, _causal, _positions, _qkEpsilon) = (heads, causal, positions, qkNorm ? RmsNorm.Epsilon : 0);
        if (kind != "mean")
            (_query, _key) = (
                new Linear(layout, name + ".query", width, width, bias, weights),
                new Linear(layout, name + ".key", width, width, bias, weights)
            );
        _value = new Linear(layout, name + ".value", width, width, bias, weights);
        if (_query is not null && qkNorm && qkGain)
            (_queryGain, _keyGain) = (
                layout.Add(name + ".query-norm.gain", Initialisation.One, width / heads),
                layout.Add(name + ".key-norm.gain", Initialisation.One, width / heads)
            );
        _output = new Linear(layout, name + ".output", width, width, bias, output);
    }

    public Tensor Apply(ParamViews parameters, Tensor x, long time)
    {
        if (_query is null || _key is null)
            return _output.Apply(parameters, TokenMixing.Mean(_value.Apply(parameters, x), time, _causal));
        (Tensor cosine, Tensor sine) = _positions.For(x, time);
        (Tensor q, Tensor k, Tensor v) = Linear.Apply(parameters, x, _query, _key, _value);
        q = Positioned(parameters, q, _queryGain);
        k = Positioned(parameters, k, _keyGain);
        return _output.Apply(
            parameters,
            _kind switch
            {
                "linear" => TokenMixing.Linear(q, k, v, time, _heads, _causal),
                "sigmoid" => TokenMixing.Sigmoid(q, k, v, time, _heads, _causal),
                _ => q.Attention(k, v, time, _heads, _causal),
            }
        );

        Tensor Positioned(ParamViews parameters, Tensor x, ParamRef? gain)
        {
            double epsilon = _qkEpsilon;
            if (gain is { } g)
            {
                // With a gain the norm is a pass of its own; without, it rides in the rotation's.
                x = x.Reshape(x.Size(0), -1, x.Size(2) / _heads).RmsNorm(parameters[g], epsilon).Reshape(x.Shape);
                epsilon = 0;
            }
            return epsilon > 0 || cosine.Count > 0 ? x.Rotary(cosine, sine, time, _heads, epsilon) : x;
        }
    }
}
