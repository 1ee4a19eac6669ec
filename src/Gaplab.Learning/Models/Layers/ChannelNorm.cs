// Normalisation of feature maps: over the batch, over groups of channels, or none.
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>Which statistics a batch norm uses: the batch's (moving the running ones, where there are any), or the running ones.</summary>
internal readonly record struct NormMode(RunningStatistics? Statistics, bool Training);

/// <summary>x [B, R·C, H, W] normalised, with a learned gain and bias a channel; ε = 1e-5.</summary>
internal sealed class ChannelNorm
{
    private const double Epsilon = 1e-5,
        Momentum = 0.1;
    private readonly string _kind;
    private readonly int _index = -1;
    private readonly long _groups;
    private readonly ParamRef? _gain,
        _bias;

    /// <param name="layout">Takes the gain and the bias.</param>
    /// <param name="name">Of the norm.</param>
    /// <param name="spec">Norm "batch", "group" or "none".</param>
    /// <param name="channels">C.</param>
    /// <param name="norms">Takes the batch norms, in order.</param>
    /// <exception cref="InputException">Groups that do not divide the channels.</exception>
    public ChannelNorm(ParamLayoutBuilder layout, string name, ModelSpec spec, long channels, List<(string Name, long Channels)> norms)
    {
        _kind = spec.Norm;
        if (_kind == "none")
            return;
        _groups = spec.Groups > 0 ? spec.Groups : (long)System.Numerics.BigInteger.GreatestCommonDivisor(32, channels);
        if (_kind == "group" && channels % _groups != 0)
            throw new InputException($"model.groups is {_groups}, but {name} has {channels} channels; expected a divisor");
        if (spec.NormGain)
            (_gain, _bias) = (
                layout.Add(name + ".gain", Initialisation.One, channels),
                layout.Add(name + ".bias", Initialisation.Zero, channels)
            );
        if (_kind != "batch")
            return;
        _index = norms.Count;
        norms.Add((name, channels));
    }

    public Tensor Apply(ParamViews parameters, Tensor x, long replicas, NormMode mode)
    {
        Tensor? gain = _gain is { } g ? parameters[g] : null,
            bias = _bias is { } b ? parameters[b] : null;
        return _kind switch
        {
            "batch" => x.BatchNorm(
                gain,
                bias,
                mode.Statistics?.Buffers[2 * _index].Buffer,
                mode.Statistics?.Buffers[2 * _index + 1].Buffer,
                mode.Training,
                Momentum,
                Epsilon
            ),
            "group" => x.GroupNorm(replicas * _groups, gain, bias, Epsilon),
            _ => x,
        };
    }
}
