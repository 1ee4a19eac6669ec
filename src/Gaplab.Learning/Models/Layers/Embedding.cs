// A table of vectors by token id, one table a replica.
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>ids int64 [R, N] -> rows of the table [R, V, D]: [R, N, D].</summary>
public sealed class Embedding(ParamLayoutBuilder layout, string name, long vocabulary, long width, Initialisation initialisation)
{
    private readonly ParamRef _table = layout.Add(name, initialisation, vocabulary, width);

    public Tensor Apply(ParamViews parameters, Tensor ids) => ids.Embedding(parameters[_table]);

    /// <summary>The table as an output head: x [R, N, D] -> logits [R, N, V].</summary>
    public Tensor Unembed(ParamViews parameters, Tensor x) => x.Linear(parameters[_table].Transpose(1, 2));
}
