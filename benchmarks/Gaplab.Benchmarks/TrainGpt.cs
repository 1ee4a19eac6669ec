// The same GPT trained by Adam in Gaplab and in PyTorch, one thread each, three sizes, R = 1 and R = 8.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Torch;

namespace Gaplab.Benchmarks;

internal static class TrainGpt
{
    private sealed record Size(string Name, int Layers, int Heads, int Width, int Context, int Vocabulary, int Batch, int Seconds);

    // Sizes count all parameters; batches are what such models are trained with on a laptop.
    private static readonly Size[] Sizes =
    [
        new("0.1M", 2, 4, 64, 64, 65, 16, 1),
        new("1M", 5, 4, 128, 64, 65, 16, 2),
        new("10M", 6, 6, 384, 64, 65, 8, 4),
    ];

    public static int Run(string[] args)
    {
        TorchRuntime.Threads = 1;
        bool quick = args.Contains("--quick"), vmap = args.Contains("--vmap");
        Console.WriteLine($"libtorch {TorchRuntime.Version}, BLAS {TorchRuntime.Blas}, one thread; peer: python3 torch, separate models one after the other for R > 1{(vmap ? ", or functorch's vmap" : "")}");
        Console.WriteLine("size   params     R  gaplab samples/s  pytorch samples/s  ratio (median of pairs)");
        foreach (Size size in Sizes)
            foreach (int replicas in (int[])[1, 8])
                Compare(size, replicas, quick, vmap && replicas > 1);
        return 0;
    }

    private static void Compare(Size size, int replicas, bool quick, bool vmap)
    {
        using var ours = new GaplabPeer(size.Layers, size.Heads, size.Width, size.Context, size.Vocabulary, size.Batch, replicas);
        using var theirs = new PyTorchPeer(Invariant($"--layers {size.Layers} --heads {size.Heads} --width {size.Width} --context {size.Context} --vocabulary {size.Vocabulary} --batch {size.Batch} --replicas {replicas}{(vmap ? " --vmap" : "")}"));
        int steps = Math.Max(1, (int)((quick ? 0.3 : size.Seconds) / ours.Run(2) * 2));
        (double a, double b, double ratio) = PairedBlocks.Measure(() => ours.Run(steps), () => theirs.Run(steps), quick ? 3 : 7);
        double samples = (double)steps * size.Batch * replicas;
        Console.WriteLine(Invariant($"{size.Name,-5} {ours.Parameters,8} {replicas,5} {samples / a,17:f0} {samples / b,18:f0} {ratio,6:f2}"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class GaplabPeer : IDisposable
    {
        private readonly TensorScope _scope = new();
        private readonly Gpt _model;
        private readonly Tensor _theta, _tokens;
        private readonly Chain _chain;
        private readonly ChainState _state;
        private readonly bool[] _active;
        private long _step;

        public GaplabPeer(int layers, int heads, int width, int context, int vocabulary, int batch, int replicas)
        {
            _model = new Gpt(new ModelSpec { Layers = layers, Heads = heads, Width = width, QkGain = false }, vocabulary, context);
            _theta = Tensor.Empty([replicas, Parameters]);
            double[] row = new double[Parameters];
            _model.Layout.Initialise(1, row);
            for (int r = 0; r < replicas; r++)
                for (int i = 0; i < row.Length; i++) _theta.Row<float>(r)[i] = (float)row[i];
            _theta.RequiresGrad = true;
            RandomStream stream = RandomStream.For(1, "benchmark/tokens");
            long[] ids = new long[replicas * batch * (context + 1)];
            for (int i = 0; i < ids.Length; i++) ids[i] = stream.NextIndex(vocabulary);
            _tokens = Tensor.From<long>(ids, replicas, batch, context + 1);
            _chain = new Chain(new ScaleByAdam(0.9, 0.999), new Descend(1e-3));
            _state = _chain.Init(replicas, _model.Layout, ScalarType.Float32);
            _active = [.. Enumerable.Repeat(true, replicas)];
        }

        public long Parameters => _model.Layout.Count;

        /// <summary>Seconds for some steps of forward, backward and Adam.</summary>
        public double Run(int steps)
        {
            long start = Stopwatch.GetTimestamp();
            for (int s = 0; s < steps; s++)
            {
                using var scope = new TensorScope();
                Tensor loss = _model.Loss(_theta, _tokens);
                Tensor gradient = Autograd.Gradient(loss.Sum(), _theta);
                _ = loss.ToDoubles();
                _chain.Step(_theta, gradient, _state, _step++, _model.Layout, _active);
            }
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        public void Dispose()
        {
            _state.Dispose();
            _model.Dispose();
            _scope.Dispose();
        }
    }

    private sealed class PyTorchPeer : IDisposable
    {
        private readonly Process _process;

        public PyTorchPeer(string arguments)
        {
            string script = Path.Combine(Environment.GetEnvironmentVariable("GAPLAB_ROOT") ?? Environment.CurrentDirectory, "benchmarks", "pytorch_gpt.py");
            var start = new ProcessStartInfo("/usr/bin/python3", $"{script} {arguments}") { RedirectStandardInput = true, RedirectStandardOutput = true };
            _process = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start");
            _ = Read();
        }

        public double Run(int steps)
        {
            _process.StandardInput.WriteLine($"run {steps}");
            _process.StandardInput.Flush();
            return Read().GetProperty("seconds").GetDouble();
        }

        public void Dispose()
        {
            _process.StandardInput.WriteLine("quit");
            _process.WaitForExit(5000);
            _process.Dispose();
        }

        private JsonElement Read() => JsonDocument.Parse(_process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the PyTorch side ended; is python3-torch installed?")).RootElement;
    }
}
