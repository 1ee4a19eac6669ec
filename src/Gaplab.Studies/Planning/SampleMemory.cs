// What a model's graph holds of one sample until its backward pass, counted layer by layer.
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Planning;

/// <summary>Rough counts of activations; the packs' sizes follow from them.</summary>
public static class SampleMemory
{
    /// <summary>Numbers that the graph of a sample holds for its backward pass, in the run's precision.</summary>
    public static double Of(RunSpec run, int vocabulary)
    {
        ModelSpec model = run.Model;
        if (run.Task.Images is { } images)
            return OfImage(model, images) * (images.Mixed ? 1.1 : 1);
        // grit holds about 20 widths for each ordered pair of nodes, gat four scores a head.
        double nodes = run.Task.Graphs?.MostNodes ?? 0;
        if (run.Task.Graphs is not null)
            return model.Layers
                * nodes
                * (model.Kind == "grit" ? nodes * (20.0 * model.Width + 4.0 * model.Heads) : 8.0 * model.Width + 4.0 * model.Heads * nodes);
        double target = run.Task.Context,
            source = run.Task.SourceContext == 0 ? target : run.Task.SourceContext;
        return model.Kind switch
        {
            "lstm" => target * (OfLstm(model) + 3.0 * vocabulary),
            // A decoder's layer attends twice, to the target and to the source; its scores are kept before and after the bias.
            "t5" => source * OfToken(model, model.Layers, 2 * source, 1)
                + target
                    * (
                        OfToken(model, model.DecoderLayers == 0 ? model.Layers : model.DecoderLayers, target + source, 2) + 3.0 * vocabulary
                    ),
            _ => target * (OfToken(model, model.Layers, target, 1) + 3.0 * vocabulary),
        };
    }

    // A token and layer: about 16 widths outside the MLP, 3 inside, two score matrices; the logits are counted three times.
    private static double OfToken(ModelSpec model, int layers, double keys, int attentions) =>
        layers * (model.Width * (8 + 8 * attentions + 3 * model.MlpRatio) + 2.0 * attentions * model.Heads * keys);

    // A position and layer: gates from the input, summed, and after their nonlinearities, 4 widths each; cell, its tanh, products and
    // state.
    private static double OfLstm(ModelSpec model) => model.Layers * 18.0 * model.Width;

    private static double OfImage(ModelSpec model, ImageShape images)
    {
        double pixels = (double)images.Height * images.Width,
            numbers = 2 * pixels * images.Channels; // the image, and its bytes on the way
        bool norm = model.Norm != "none";
        switch (model.Kind)
        {
            case "mlp":
                return numbers + model.Layers * model.Width * (norm ? 5.0 : 3.0) + 3.0 * images.Classes;
            case "lstm":
                return numbers * 2 + images.Height * OfLstm(model) + 3.0 * images.Classes;
            case "vit":
                double tokens = pixels / (model.Patch * (double)model.Patch);
                return 2 * numbers + tokens * OfToken(model, model.Layers, tokens, 1) + 3.0 * images.Classes;
            case "alexnet":
            {
                // Convolution, norm and activation each keep their result; a pool its own and the places of the largest, integers of 8
                // bytes.
                double largest = 0,
                    inputs = images.Channels;
                (double height, double width) = (images.Height, images.Width);
                (double Channels, double Kernel)[] layers = [(1, 5), (3, 5), (6, 3), (4, 3), (4, 3)];
                for (int l = 0; l < layers.Length; l++)
                {
                    double outputs = layers[l].Channels * model.Width;
                    numbers += outputs * height * width * (norm ? 3 : 2);
                    largest = Math.Max(largest, inputs * layers[l].Kernel * layers[l].Kernel * height * width);
                    inputs = outputs;
                    if (l is not (0 or 1 or 4))
                        continue;
                    (height, width) = (Math.Floor((height - 3) / 2) + 1, Math.Floor((width - 3) / 2) + 1);
                    numbers += 3 * outputs * height * width;
                }
                return numbers + largest + 4 * 64.0 * model.Width + 3.0 * images.Classes;
            }
            default:
            {
                // A stage has twice the channels of a quarter of the pixels; a block two convolutions with norm and activation, and its
                // sum.
                double stem = model.Width * pixels,
                    kept = norm ? 3 : 2,
                    blocks = 0;
                for (int stage = 0; stage < 3; stage++)
                    blocks += model.Layers * stem / (1 << stage) * (2 * kept + 2);
                return numbers + stem * kept + blocks + 9 * stem + 3.0 * images.Classes; // 9 for the largest convolution, unfolded
            }
        }
    }
}
