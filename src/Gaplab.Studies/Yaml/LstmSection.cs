// The study file's keys of the LSTM, on text and on images.
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads "model" of kind lstm.</summary>
internal static class LstmSection
{
    public static ModelSpec Read(StudySection s, bool images)
    {
        s.Text("kind");
        foreach (string key in (string[])["tied-head", "embedding-std"])
            if (images && s.Has(key))
                throw s.Error(key, $"'model.{key}' has no meaning for a task of images");
        ModelSpec model = ModelKeys.Read(s, Default) with
        {
            ForgetBias = s.Number("forget-bias", Default.ForgetBias, -100, 100),
            TiedHead = s.Flag("tied-head", Default.TiedHead),
        };
        if (!model.Bias && s.Has("forget-bias"))
            throw s.Error("forget-bias", "'model.forget-bias' is given, but 'model.bias' is false; expected one of them");
        s.Finish();
        return model;
    }

    /// <summary>Without options.</summary>
    internal static ModelSpec Default { get; } =
        new()
        {
            Kind = "lstm",
            Layers = 2,
            Width = 64,
            Bias = true,
            HeadInit = "xavier-uniform",
            EmbeddingStd = 1,
        };
}
