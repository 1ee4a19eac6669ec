// How the LSTM starts.
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;

namespace Gaplab.Training.Tests;

public sealed class LstmSpecs
{
    [Fact]
    public void Only_the_forget_gates_start_open()
    {
        IModel model = ModelCatalogue.BuiltIn.Build(
            new ModelSpec
            {
                Kind = "lstm",
                Layers = 1,
                Width = 3,
                Bias = true,
                ForgetBias = 1.5,
            },
            5,
            9
        );
        double[] row = new double[model.Layout.Count];
        model.Layout.Initialise(1, row);
        ParamSlice bias = model.Layout["layers.0.bias"],
            recurrent = model.Layout["layers.0.recurrent"];
        Assert.Equal([0, 0, 0, 1.5, 1.5, 1.5, 0, 0, 0, 0, 0, 0], row[(int)bias.Offset..(int)(bias.Offset + bias.Count)]);
        Assert.All(row[(int)recurrent.Offset..(int)(recurrent.Offset + recurrent.Count)], w => Assert.InRange(w, -1, 1)); // √(6/(3+3)) = 1
    }
}
