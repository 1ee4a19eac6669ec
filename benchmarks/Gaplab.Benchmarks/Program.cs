// Measured ratios against named peers, in one run: train-gpt (PyTorch), optimizer-step (memory copy), gap-model (NumPy) and sharpness-cost (gradient evaluations).
using Gaplab.Benchmarks;

return args switch
{
    ["train-gpt", .. var rest] => TrainGpt.Run(rest),
    ["optimizer-step"] => OptimizerStep.Run(),
    ["gap-model"] => GapModelSpeed.Run(),
    ["sharpness-cost"] => SharpnessCost.Run(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: benchmarks/run train-gpt [--quick] [--vmap]   the same GPT in Gaplab and in PyTorch, samples per second, one thread
               benchmarks/run optimizer-step                 a step on rows beyond the last-level cache against copying the bytes it must touch
               benchmarks/run gap-model                      the gap model's recursion against NumPy's; gap(B) at a million coordinates
               benchmarks/run sharpness-cost                 directional sharpness of k updates at one point, in gradient evaluations
        """);
    return 2;
}
