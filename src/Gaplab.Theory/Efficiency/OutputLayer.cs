// The penalty that a short memory costs the output layer alone, from the frequencies of the classes.
namespace Gaplab.Theory.Efficiency;

/// <summary>Logits of a softmax whose classes come with fixed frequencies, trained by an optimizer that scales coordinates: its fixed point
/// does not lie at the frequencies.</summary>
internal sealed class OutputLayer
{
    private readonly double[] _frequencies;
    private readonly double _kappa;

    private OutputLayer(double[] frequencies, double kappa) => (_frequencies, _kappa) = (frequencies, kappa);

    public static OutputLayer Of(IReadOnlyList<double> frequencies, GradientMemory memory) =>
        new(
            [.. frequencies],
            memory switch
            {
                GradientMemory.SecondMoment m => (1 - m.Beta1) * (1 - m.Beta2) / (1 - m.Beta1 * m.Beta2),
                GradientMemory.SignOfAverage s => s.Kappa,
                _ => 0,
            }
        );

    public double Penalty(double batch) => ClosedForm(batch);

    public double ClosedForm(double batch)
    {
        double roots = _frequencies.Sum(p => Math.Sqrt(p * (1 - p))),
            sum = 0;
        foreach (double p in _frequencies)
        {
            double shift = _kappa / (2 * batch) * ((_frequencies.Length - 2) * Math.Sqrt(p * (1 - p)) / roots - (1 - 2 * p));
            sum += shift * shift / p;
        }
        return 0.5 * sum;
    }
}
