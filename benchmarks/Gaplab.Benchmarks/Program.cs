// Measured ratios against named peers, in one run: train-gpt and train-models (PyTorch), products (BLAS), optimizer-step (memory copy),
// sharpness-cost (gradient evaluations), gap-model (NumPy), stable-variates and exit-paths (NumPy, SciPy, Numba), tail-panel (NumPy);
// import-folders and large-store alone are times.
using Gaplab.Benchmarks;

return args switch
{
    ["train-gpt", .. var rest] => TrainGpt.Run(rest),
    ["train-models", .. var rest] => TrainModels.Run(rest),
    ["products"] => Products.Run(),
    ["optimizer-step"] => OptimizerStep.Run(),
    ["gap-model"] => GapModelSpeed.Run(),
    ["sharpness-cost"] => SharpnessCost.Run(),
    ["stable-variates"] => StableVariates.Run(),
    ["exit-paths"] => ExitPaths.Run(),
    ["tail-panel"] => TailPanelSpeed.Run(),
    ["import-folders", .. var rest] => ImportFolders.Run(rest),
    ["large-store", .. var rest] => LargeStore.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    (string Call, string Says)[] benchmarks =
    [
        (
            "train-gpt [--quick] [--vmap] [--malloc] [--debian13] [SIZE…]",
            "the same GPT in Gaplab and in PyTorch, samples per processor second"
        ),
        ("products", "small matrix products by the kernels and by the BLAS of libtorch"),
        ("train-models [--quick] [KIND…]", "every other model in Gaplab and in PyTorch, likewise"),
        ("optimizer-step", "a step on rows beyond the last-level cache against copying the bytes it must touch"),
        ("gap-model", "the gap model's recursion against NumPy's; gap(B) at a million coordinates"),
        ("sharpness-cost", "directional sharpness of k updates at one point, in gradient evaluations"),
        ("stable-variates", "symmetric stable variates a second, against NumPy, SciPy and Numba"),
        ("exit-paths", "path-steps a second of the one-dimensional exit problem, against Numba"),
        ("tail-panel", "the tail panel's estimators against NumPy's; 1e8 values"),
        ("import-folders [RUNS]", "seconds and memory for importing 20,000 folders of runs"),
        ("large-store [SEEDS [FOLDER]]", "seconds and memory of the commands that read a store, for one of 100,000 runs"),
    ];
    Console.Error.WriteLine("usage: " + string.Join("\n       ", benchmarks.Select(b => $"benchmarks/run {b.Call, -30} {b.Says}")));
    return 2;
}
