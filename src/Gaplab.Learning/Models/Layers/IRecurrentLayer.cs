// A layer that goes through a sequence one position after the other.
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>A layer that keeps a state from position to position.</summary>
public interface IRecurrentLayer
{
    /// <param name="parameters">The weights.</param>
    /// <param name="x">[R, T·B, I], position by position.</param>
    /// <param name="batch">B.</param>
    /// <returns>h_1 … h_T, [R, B, D] each.</returns>
    Tensor[] Apply(ParamViews parameters, Tensor x, long batch);
}
