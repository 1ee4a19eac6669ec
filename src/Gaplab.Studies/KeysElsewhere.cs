// What other programs call the keys of a study file, so that an error can name ours.
namespace Gaplab.Studies;

/// <summary>Plain names (<see cref="Numerics.NearestName.Plain"/>) of PyTorch, Keras, nanoGPT and Hugging Face, and the key that means the same here.</summary>
internal static class KeysElsewhere
{
    public static IReadOnlyDictionary<string, string> Names { get; } = new Dictionary<string, string>
    {
        ["learningrate"] = "lr", ["learningrates"] = "lr", ["lrs"] = "lr", ["rate"] = "lr", ["rates"] = "lr", ["stepsize"] = "lr", ["maxlr"] = "lr",
        ["betas"] = "beta1", ["beta"] = "beta1", ["rho"] = "beta2", ["alpha"] = "beta2", ["eps"] = "epsilon", ["wd"] = "weight-decay", ["l2"] = "weight-decay",
        ["gradclip"] = "clip", ["clipnorm"] = "clip", ["maxnorm"] = "clip", ["maxgradnorm"] = "clip", ["clipgradnorm"] = "clip", ["optimizer"] = "optimizers",
        ["batchsize"] = "batch", ["batches"] = "batch", ["batchsizes"] = "batch", ["bs"] = "batch", ["seed"] = "seeds", ["repeats"] = "seeds", ["replicas"] = "seeds",
        ["iterations"] = "steps", ["maxiters"] = "steps", ["maxsteps"] = "steps", ["numsteps"] = "steps", ["updates"] = "steps", ["examples"] = "samples",
        ["nlayer"] = "layers", ["numlayers"] = "layers", ["depth"] = "layers", ["numhiddenlayers"] = "layers", ["nhead"] = "heads", ["numheads"] = "heads",
        ["nembd"] = "width", ["dmodel"] = "width", ["hiddensize"] = "width", ["hidden"] = "width", ["dim"] = "width", ["embeddim"] = "width", ["units"] = "width",
        ["blocksize"] = "context", ["seqlen"] = "context", ["sequencelength"] = "context", ["maxlength"] = "context", ["contextlength"] = "context", ["nctx"] = "context",
        ["dataset"] = "task", ["data"] = "task", ["network"] = "model", ["architecture"] = "model", ["file"] = "path", ["folder"] = "path", ["root"] = "path", ["datadir"] = "path",
        ["name"] = "study", ["title"] = "study", ["scheduler"] = "schedule", ["lrscheduler"] = "schedule", ["warmup"] = "warmup", ["warmupratio"] = "warmup", ["minlr"] = "final",
        ["dtype"] = "precision", ["objective"] = "metric", ["monitor"] = "metric", ["vocabsize"] = "vocabulary", ["numclasses"] = "classes", ["imagesize"] = "side",
        ["dropout"] = "", ["workers"] = "", ["numworkers"] = "", ["device"] = "", ["ema"] = "",
    };
}
