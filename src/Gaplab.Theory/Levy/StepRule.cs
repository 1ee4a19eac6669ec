// One step of SGD, momentum or Adam under Lévy noise: the Euler scheme of their SDEs and the algorithms themselves are the same update with
// other constants.
using System.Globalization;
using Gaplab.Numerics;

namespace Gaplab.Theory.Levy;

/// <summary>What Adam divides by.</summary>
public enum Preconditioner
{
    /// <summary>Nothing: 1.</summary>
    Off,

    /// <summary>√v̂ + ϵ of the moving second moment.</summary>
    Live,

    /// <summary>Fixed values.</summary>
    Frozen,
}

/// <summary>
/// x moves by drift·(averaged gradient)/q a step; noise of amplitude a times Σζ enters the gradient, or the parameters directly.
/// Make one with <see cref="SgdSde"/>, <see cref="AdamSde"/>, <see cref="Sgd"/>, <see cref="Momentum"/> or <see cref="Adam"/>.
/// </summary>
public sealed record StepRule
{
    private StepRule() { }

    /// <summary>dt of an SDE, η of an algorithm.</summary>
    public double Drift { get; private init; }

    /// <summary>ε dt^{1/α} of an SDE, η of an algorithm: the noise of one step is this times Σζ.</summary>
    public double Amplitude { get; private init; }

    /// <summary>Time that a step takes: dt, or 1 where time is counted in steps.</summary>
    public double Time { get; private init; }

    /// <summary>Whether this is a discretised SDE; then an exact flow of the drift is used where the potential knows one.</summary>
    public bool IsSde { get; private init; }

    /// <summary>Weight of the new gradient in m; 1: no average.</summary>
    public double MeanWeight { get; private init; } = 1;

    /// <summary>What is left of the old m: 1 − <see cref="MeanWeight"/>, or for heavy-ball momentum μ.</summary>
    public double MeanKeep { get; private init; }

    /// <summary>Weight of the new squared gradient in v.</summary>
    public double SquareWeight { get; private init; }

    /// <summary>Whether noise enters the parameters, past the average (as the SDE of Zhou et al. 2020 is printed), or the gradient (as in
    /// the algorithm).</summary>
    public bool NoisePastAverage { get; private init; } = true;

    public Preconditioner Preconditioner { get; private init; }

    /// <summary>ϵ.</summary>
    public double Epsilon { get; private init; }

    /// <summary>The values of a frozen preconditioner; one for all coordinates or one each.</summary>
    public IReadOnlyList<double> Frozen { get; private init; } = [];

    /// <summary>Per step: the remaining part of the bias corrections μ and ω, β₁ᵗ and β₂ᵗ; 0: no correction.</summary>
    public double MeanBias { get; private init; }

    /// <summary>See <see cref="MeanBias"/>.</summary>
    public double SquareBias { get; private init; }

    /// <summary>dθ = −∇F dt + εΣ dL.</summary>
    public static StepRule SgdSde(double alpha, double epsilon, double dt)
    {
        CheckPositive(dt, "dt");
        return new()
        {
            Drift = dt,
            Amplitude = EpsilonStep(alpha, epsilon, dt),
            Time = dt,
            IsSde = true,
        };
    }

    /// <summary>dθ = −μ_t Q⁻¹m dt + εQ⁻¹Σ dL, dm = β₁(∇F − m) dt, dv = β₂(g² − v) dt (Zhou et al. 2020). g is the gradient with its noise,
    /// ∇F + ε dt^{1/α−1} Σζ.</summary>
    /// <param name="beta1">Rate of the first average, 1/time; 0: no average.</param>
    /// <param name="beta2">Rate of the second, 1/time.</param>
    /// <param name="frozen">A fixed preconditioner, or null for the live one; empty: none.</param>
    /// <param name="throughAverage">Let the noise pass through m as in the algorithm, instead of entering θ as printed.</param>
    /// <param name="biasCorrection">μ_t = 1/(1−e^{−β₁t}), ω_t = 1/(1−e^{−β₂t}).</param>
    public static StepRule AdamSde(
        double alpha,
        double epsilon,
        double dt,
        double beta1,
        double beta2,
        IReadOnlyList<double>? frozen,
        bool throughAverage,
        bool biasCorrection,
        double stabiliser = 1e-8
    )
    {
        CheckPositive(dt, "dt");
        if (!(beta1 >= 0) || beta1 * dt > 1)
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"beta1 is {beta1} at dt {dt}; expected a rate from 0 to 1/dt")
            );
        if (!(beta2 >= 0) || beta2 * dt > 1)
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"beta2 is {beta2} at dt {dt}; expected a rate from 0 to 1/dt")
            );
        double weight = beta1 == 0 ? 1 : beta1 * dt;
        return new()
        {
            Drift = dt,
            Amplitude = EpsilonStep(alpha, epsilon, dt),
            Time = dt,
            IsSde = true,
            MeanWeight = weight,
            MeanKeep = 1 - weight,
            SquareWeight = beta2 * dt,
            NoisePastAverage = !throughAverage,
            Preconditioner = KindOf(frozen),
            Frozen = frozen ?? [],
            Epsilon = stabiliser,
            MeanBias = biasCorrection && beta1 > 0 ? Math.Exp(-beta1 * dt) : 0,
            SquareBias = biasCorrection ? Math.Exp(-beta2 * dt) : 0,
        };
    }

    /// <summary>x' = x − η(∇F + Σζ).</summary>
    public static StepRule Sgd(double rate)
    {
        CheckPositive(rate, "the learning rate");
        return new()
        {
            Drift = rate,
            Amplitude = rate,
            Time = 1,
            NoisePastAverage = false,
        };
    }

    /// <summary>m' = μm + g, x' = x − ηm'.</summary>
    public static StepRule Momentum(double rate, double momentum)
    {
        CheckPositive(rate, "the learning rate");
        CheckDecay(momentum, "momentum");
        return new()
        {
            Drift = rate,
            Amplitude = rate,
            Time = 1,
            MeanKeep = momentum,
            NoisePastAverage = false,
        };
    }

    /// <summary>Adam (Kingma and Ba 2015): m' = β₁m + (1−β₁)g, v' = β₂v + (1−β₂)g², x' = x − η m̂/(√v̂ + ϵ).</summary>
    /// <param name="beta1">0 switches the moving average off.</param>
    /// <param name="frozen">A fixed preconditioner, or null for the live one; empty switches it off.</param>
    public static StepRule Adam(
        double rate,
        double beta1,
        double beta2,
        IReadOnlyList<double>? frozen = null,
        bool biasCorrection = true,
        double stabiliser = 1e-8
    )
    {
        CheckPositive(rate, "the learning rate");
        CheckDecay(beta1, "beta1");
        CheckDecay(beta2, "beta2");
        return new()
        {
            Drift = rate,
            Amplitude = rate,
            Time = 1,
            MeanWeight = 1 - beta1,
            MeanKeep = beta1,
            SquareWeight = 1 - beta2,
            NoisePastAverage = false,
            Preconditioner = KindOf(frozen),
            Frozen = frozen ?? [],
            Epsilon = stabiliser,
            MeanBias = biasCorrection ? beta1 : 0,
            SquareBias = biasCorrection ? beta2 : 0,
        };
    }

    /// <summary>Whether the step is plain descent on the noisy gradient.</summary>
    internal bool IsPlain => MeanWeight == 1 && MeanKeep == 0 && Preconditioner == Preconditioner.Off;

    private static Preconditioner KindOf(IReadOnlyList<double>? frozen) =>
        frozen switch
        {
            null => Preconditioner.Live,
            { Count: 0 } => Preconditioner.Off,
            _ => Preconditioner.Frozen,
        };

    private static double EpsilonStep(double alpha, double epsilon, double dt)
    {
        CheckPositive(epsilon, "epsilon");
        return epsilon * Math.Pow(dt, 1 / alpha);
    }

    private static void CheckPositive(double value, string name)
    {
        if (!(value > 0) || !double.IsFinite(value))
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; expected a positive number"));
    }

    private static void CheckDecay(double value, string name)
    {
        if (value is not (>= 0 and < 1))
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; expected 0 or more and below 1"));
    }
}
