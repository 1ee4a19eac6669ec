// A model that translates: it reads a source once and then predicts target tokens one after the other.
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>A source as the decoder sees it.</summary>
/// <param name="States">[R, B, S, D].</param>
/// <param name="Mask">[R, B, 1, 1, S]: 0, and −∞ at padding.</param>
public sealed record EncodedSource(Tensor States, Tensor Mask);

/// <summary>What decoding needs of a model.</summary>
public interface IEncoderDecoder : IModel
{
    /// <summary>source int64 [R, B, S], padded.</summary>
    EncodedSource Encode(Tensor theta, Tensor source);

    /// <summary>Logits of the token that follows each prefix: int64 [R, B·K, t], K prefixes a source, one length -> [R, B·K, V].</summary>
    Tensor NextLogits(Tensor theta, EncodedSource source, Tensor prefixes);
}
