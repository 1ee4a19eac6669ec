// Adam's gradient noise along a window of the run, beside SGD's of the same steps.
using System.Globalization;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Streams;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>u_t = (m_t − m'_t)/(1 − β₁ⁿ), m and m' the averages of mini-batch and of full gradients along the run's trajectory, both from
/// zero at the window's first step, n steps ago.</summary>
/// <remarks>Kept from step n = ⌈5/(1−β₁)⌉ + 1 on. Arrays: "sgd.b16" and "adam.b16" [window, coordinates], with ".norm" and ".whole" as in
/// the probe "noise". The mini-batches are drawn for the probe alone, one a step and size: those that move θ come from all the training
/// data, over which F would have to be taken.</remarks>
internal sealed class AdamNoiseProbe(TrainingSubset subset, NoiseSpec spec) : IWindowProbe
{
    public static ProbeKind Kind { get; } =
        new()
        {
            Name = "adam-noise",
            Says = "Adam's gradient noise along a window of the run, beside SGD's of the same steps",
            Command = "noise",
            Options = [NoiseKey.All],
            Build = material => new AdamNoiseProbe(material.Subset, material.Noise),
        };

    public string Name => Kind.Name;

    public int Steps => spec.Settling + spec.Window;

    public IProbeWindow Open(IModel model, long seed, int batch) => new Window(subset, spec, model, seed, NoiseProbe.Batches(spec, batch));

    private sealed class Window : IProbeWindow
    {
        private readonly TrainingSubset _subset;
        private readonly NoiseSpec _spec;
        private readonly IModel _model;
        private readonly long _seed;
        private readonly int[] _batches;
        private readonly NoiseCoordinates _coordinates,
            _whole;
        private readonly double[][] _averages;
        private readonly NoiseRecord[] _sgd,
            _adam;
        private readonly double[] _noise;
        private long _first = -1,
            _last;

        public Window(TrainingSubset subset, NoiseSpec spec, IModel model, long seed, int[] batches)
        {
            (_subset, _spec, _model, _seed, _batches) = (subset, spec, model, seed, batches);
            int count = checked((int)model.Layout.Count);
            (_coordinates, _whole) = (
                NoiseCoordinates.Share(model.Layout, spec.Coordinates),
                NoiseCoordinates.Whole(model.Layout, spec.WholeOf(count))
            );
            _noise = new double[count];
            _averages = [.. batches.Select(_ => new double[count])];
            NoiseRecord[] Records(string algorithm) =>
                [.. batches.Select(b => new NoiseRecord(NoiseFile.Array(algorithm, b), spec.Window, spec.Whole, _coordinates, _whole))];
            (_sgd, _adam) = (Records(NoiseFile.Sgd), Records(NoiseFile.Adam));
        }

        public void See(double[] theta, long step)
        {
            if (_first < 0)
                _first = step;
            _last = step;
            long n = step - _first + 1;
            bool kept = n > _spec.Settling;
            double[] full = _subset.Gradient(_model, theta);
            for (int b = 0; b < _batches.Length; b++)
            {
                RandomStream random = RandomStream.For(_seed, NoiseProbe.Stream(Kind.Name, _batches[b]), step);
                double[] average = _averages[b];
                _subset.Gradients(_model, theta, [_subset.Draw(random, _batches[b])], (_, g) => TensorPrimitives.Subtract(g, full, _noise));
                if (kept)
                    _sgd[b].Add(_noise);
                // m − m' is linear in the gradients: the average of the differences.
                TensorPrimitives.Multiply(average, _spec.Beta1, average);
                TensorPrimitives.MultiplyAdd(_noise, 1 - _spec.Beta1, average, average);
                if (!kept)
                    continue;
                TensorPrimitives.Divide(average, 1 - Math.Pow(_spec.Beta1, n), _noise);
                _adam[b].Add(_noise);
            }
        }

        public ProbeResult Close()
        {
            var arrays = new Dictionary<string, ProbeArray>
            {
                ["coordinates"] = ProbeArray.Vector(_coordinates.Indices.Select(i => (double)i)),
            };
            foreach (NoiseRecord record in _sgd.Concat(_adam))
                record.AddTo(arrays);
            Dictionary<string, string> facts = NoiseProbe.Facts(_subset, _batches, _coordinates, _whole);
            facts["first-step"] = (_first + _spec.Settling).ToString(CultureInfo.InvariantCulture);
            facts["last-step"] = _last.ToString(CultureInfo.InvariantCulture);
            facts["beta1"] = _spec.Beta1.ToString("R", CultureInfo.InvariantCulture);
            return new ProbeResult { Arrays = arrays, Facts = facts };
        }
    }
}
