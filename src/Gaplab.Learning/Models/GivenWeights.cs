// Weights of a model as a safetensors file, by the names of its layout: read to start from, written to be used elsewhere.
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Files;

namespace Gaplab.Learning.Models;

/// <summary>Every parameter of a model, and of a model with batch norms its running means and variances, which a file may lack as a
/// whole.</summary>
/// <param name="Theta">[P], in the layout's order.</param>
/// <param name="Statistics">By name; empty where the file has none.</param>
public sealed record GivenWeights(double[] Theta, IReadOnlyDictionary<string, double[]> Statistics)
{
    /// <summary>SHA-256 over names, shapes and numbers: the same in every precision that holds them, and whatever else a file
    /// says.</summary>
    public string Content { get; private init; } = "";

    /// <summary>Reads the weights of a model.</summary>
    /// <exception cref="InputException">One line: no such file, a tensor that is missing, too many, of another shape, or that holds no
    /// numbers.</exception>
    public static GivenWeights Read(string path, IModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (Directory.Exists(path))
            throw new InputException($"{path}: is a folder; expected a safetensors file of weights");
        if (!File.Exists(path))
            throw new InputException($"{path}: no such file of weights; check model.weights (now in {Directory.GetCurrentDirectory()})");
        if (Path.GetExtension(path).ToLowerInvariant() is ".pt" or ".pth" or ".bin" or ".ckpt" or ".pkl")
            throw new InputException(
                $"{path}: is a Python pickle by its name, which can run code and is never read; expected a safetensors file: write one "
                    + $"with safetensors.torch.save_file"
            );
        using SafetensorsReader reader = Safetensors.OpenVerified(path);
        (string Name, long[] Shape)[] tensors = [.. model.Layout.Slices.Select(s => (s.Name, (long[])[.. s.Shape]))],
            statistics = [.. ((model as IRunningStatistics)?.StatisticNames ?? []).Select(s => (s.Name, (long[])[s.Count]))];
        bool withStatistics = statistics.Any(s => reader.Contains(s.Name));
        if (withStatistics)
            tensors = [.. tensors, .. statistics];
        Check(path, reader, tensors);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        double[] theta = new double[model.Layout.Count];
        foreach (ParamSlice slice in model.Layout.Slices)
            Fill(slice.Name, [.. slice.Shape], theta.AsSpan((int)slice.Offset, (int)slice.Count));
        var averages = new Dictionary<string, double[]>();
        foreach ((string name, long[] shape) in withStatistics ? statistics : [])
            Fill(name, shape, averages[name] = new double[shape[0]]);
        return new GivenWeights(theta, averages) { Content = Convert.ToHexStringLower(hash.GetHashAndReset()) };

        void Fill(string name, long[] shape, Span<double> values)
        {
            TensorNumbers.Read(reader, name, values);
            if (!values.IsEmpty && !double.IsFinite(TensorPrimitives.MaxMagnitude<double>(values)))
                throw new InputException($"{path}: tensor '{name}' holds a number that is NaN or infinite; expected finite weights");
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{name} [{string.Join(", ", shape)}]\n"));
            hash.AppendData(MemoryMarshal.AsBytes(values));
        }
    }

    /// <summary>As <see cref="Read"/>, of the file that a run was planned with.</summary>
    /// <exception cref="InputException">As <see cref="Read"/>; or other weights than when it was planned.</exception>
    public static GivenWeights Planned(ModelSpec spec, IModel model)
    {
        ArgumentNullException.ThrowIfNull(spec);
        GivenWeights weights = Read(spec.Weights!, model);
        if (spec.WeightsContent is { } planned && planned != weights.Content)
            throw new InputException(
                $"{spec.Weights}: the weights are not those the study was planned with (SHA-256 {weights.Content[..16]}…, planned "
                    + $"{planned[..Math.Min(16, planned.Length)]}…); put the old file back or plan the study anew"
            );
        return weights;
    }

    /// <summary>Where a run of a model starts: at the given weights, or at those that the seed draws.</summary>
    /// <exception cref="InputException">As <see cref="Planned"/>.</exception>
    public static double[] Start(ModelSpec spec, IModel model, long seed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(model);
        if (spec.Weights is not null)
            return Planned(spec, model).Theta;
        double[] start = new double[model.Layout.Count];
        model.Layout.Initialise(seed, start);
        return start;
    }

    /// <summary>Writes them.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="layout">Names and shapes of <see cref="Theta"/>.</param>
    /// <param name="type">F32 or F64.</param>
    /// <param name="facts">What the file says of itself.</param>
    /// <exception cref="InputException">The file must not or cannot be written.</exception>
    public void Write(OutputFile file, ParamLayout layout, TensorType type, IReadOnlyDictionary<string, string> facts)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(layout);
        file.Check();
        using SafetensorsWriter writer = Safetensors.Create(
            file.Path,
            [
                .. layout.Slices.Select(s => new TensorEntry(s.Name, type, [.. s.Shape])),
                .. Statistics.Select(s => new TensorEntry(s.Key, type, [s.Value.Length])),
            ],
            facts
        );
        foreach (ParamSlice slice in layout.Slices)
            Put(slice.Name, Theta.AsSpan((int)slice.Offset, (int)slice.Count));
        foreach ((string name, double[] values) in Statistics)
            Put(name, values);
        writer.Commit();

        void Put(string name, ReadOnlySpan<double> values)
        {
            if (type == TensorType.F64)
            {
                writer.Write(name, values);
                return;
            }
            float[] narrow = new float[values.Length];
            TensorPrimitives.ConvertTruncating(values, narrow);
            writer.Write<float>(name, narrow);
        }
    }

    private static void Check(string path, SafetensorsReader reader, (string Name, long[] Shape)[] tensors)
    {
        string[] held = [.. reader.Entries.Select(e => e.Name)],
            wanted = [.. tensors.Select(t => t.Name)];
        string[] missing = [.. wanted.Except(held)],
            foreign = [.. held.Except(wanted)];
        if (missing.Length > 0)
            throw new InputException(
                $"{path}: lacks the tensor '{missing[0]}' of shape {Text(tensors.First(t => t.Name == missing[0]).Shape)}"
                    + (missing.Length > 1 ? $" and {missing.Length - 1} more" : "")
                    + $"; expected the {tensors.Length} tensors of the model by their names"
                    + Near(missing[0], foreign)
            );
        if (foreign.Length > 0)
            throw new InputException(
                $"{path}: holds a tensor '{Shown.Of(foreign[0])}'"
                    + (foreign.Length > 1 ? $" and {foreign.Length - 1} more" : "")
                    + $" that the model does not have; expected its {tensors.Length} tensors alone{Near(foreign[0], wanted)}"
            );
        foreach ((string name, long[] shape) in tensors)
        {
            TensorEntry entry = reader.Entry(name);
            if (!entry.Shape.SequenceEqual(shape))
                throw new InputException(
                    $"{path}: tensor '{name}' has the shape {Text(entry.Shape)}, the model's has {Text(shape)}"
                        + (
                            shape.Length == 2 && shape[0] != shape[1] && entry.Shape.SequenceEqual(shape.Reverse())
                                ? "; PyTorch's Linear keeps [outputs, inputs]: save weight.T.contiguous()"
                                : "; is it a model of the same keys and task?"
                        )
                );
            if (!TensorNumbers.AreFloating(entry.Type))
                throw new InputException($"{path}: tensor '{name}' is of type {entry.Type}; expected F16, BF16, F32 or F64");
        }
    }

    private static string Near(string name, string[] others) =>
        others.Length > 0 ? $"; nearest name '{Shown.Of(NearestName.Of(name, others.Take(1000)))}'" : "";

    private static string Text(IEnumerable<long> shape) =>
        $"[{string.Join(", ", shape.Select(n => n.ToString(CultureInfo.InvariantCulture)))}]";
}
