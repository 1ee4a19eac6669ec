// One draw of the efficiency model: two curves of tuned loss against batch size and length.
namespace Gaplab.Theory.Efficiency;

/// <summary>Parameters of both curves. Lengths are samples, batch sizes samples a step, losses in the metric's unit.</summary>
/// <param name="Length">N.</param>
/// <param name="Base">ℓ₂(N) − floor: the second optimizer's loss where neither steps nor memory are short.</param>
/// <param name="Alpha">ℓ₂(n) − floor ∝ n^−α.</param>
/// <param name="Lead">g₀(N) = ln((ℓ₁ − floor)/(ℓ₂ − floor)).</param>
/// <param name="LeadExponent">ρ.</param>
/// <param name="LeadDrift">g₀(n) = g₀(N)·(n/N)^−ρ + drift·ln(n/N).</param>
/// <param name="StepsShare">s_steps(n) as a multiple of ℓ₂(n) − floor.</param>
/// <param name="FirstSteps">B₁(N), where the first optimizer starts to lack steps.</param>
/// <param name="SecondSteps">B₂(N).</param>
/// <param name="StepsExponent">p.</param>
/// <param name="StepsLengthExponent">q: B_o(n) = B_o(N)·(n/N)^q.</param>
/// <param name="MemoryAmplitude">s_mem.</param>
/// <param name="FirstMemory">B_m(N) of the first optimizer; 0: it has no memory branch.</param>
/// <param name="SecondMemory">B_m(N) of the second.</param>
/// <param name="MemoryExponent">γ.</param>
/// <param name="MemoryLengthExponent">B_m(n) = B_m(N)·(n/N)^−e.</param>
/// <param name="Noise">τ: one seed's standard deviation over the loss above the floor.</param>
public readonly record struct EfficiencyParameters(
    double Length,
    double Floor,
    double Base,
    double Alpha,
    double Lead,
    double LeadExponent,
    double LeadDrift,
    double StepsShare,
    double FirstSteps,
    double SecondSteps,
    double StepsExponent,
    double StepsLengthExponent,
    double MemoryAmplitude,
    double FirstMemory,
    double SecondMemory,
    double MemoryExponent,
    double MemoryLengthExponent,
    double Noise
)
{
    /// <summary>Whether either optimizer has a memory branch.</summary>
    public bool HasMemory => FirstMemory > 0 || SecondMemory > 0;

    /// <summary>L_o(B, n) − floor = (ℓ_o(n) − floor) + s·ln[(B/B_o)^p + (1 + (B_m/B)^γ)^(s_mem/s)], s = s_steps(n).</summary>
    /// <remarks>With B ≪ B_o this is s_mem·ln(1 + (B_m/B)^γ), with B ≫ B_m s·ln(1 + (B/B_o)^p): the two branches add inside one logarithm,
    /// each with an amplitude of its own.</remarks>
    public double Excess(PairSide side, double batch, double samples) => At(side, samples).Excess(Math.Log(batch));

    /// <summary>One optimizer's curve at one length.</summary>
    /// <param name="logShortness">As <see cref="PilotCell.LogShortness"/>.</param>
    internal Curve At(PairSide side, double samples, double logShortness = 0)
    {
        bool first = side == PairSide.First;
        double x = Math.Log(samples / Length),
            common = Base * Math.Exp(-Alpha * x),
            memory = first ? FirstMemory : SecondMemory;
        return new Curve(
            first ? common * Math.Exp(Lead * Math.Exp(-LeadExponent * x) + LeadDrift * x) : common,
            StepsShare * common,
            Math.Log(first ? FirstSteps : SecondSteps) + StepsLengthExponent * x,
            StepsExponent,
            MemoryAmplitude,
            memory > 0 ? Math.Log(memory) + logShortness - MemoryLengthExponent * x : double.NegativeInfinity,
            MemoryExponent
        );
    }

    /// <param name="Least">ℓ_o(n) − floor.</param>
    /// <param name="Steps">s_steps(n).</param>
    /// <param name="LogSteps">ln B_o(n).</param>
    /// <param name="Memory">s_mem.</param>
    /// <param name="LogMemory">ln B_m(n); −∞: no such branch.</param>
    internal readonly record struct Curve(
        double Least,
        double Steps,
        double LogSteps,
        double StepsExponent,
        double Memory,
        double LogMemory,
        double MemoryExponent
    )
    {
        public double Excess(double logBatch)
        {
            double steps = StepsExponent * (logBatch - LogSteps),
                memory = LogMemory > double.NegativeInfinity ? Memory / Steps * LogOnePlusExp(MemoryExponent * (LogMemory - logBatch)) : 0;
            return Least + Steps * (Math.Max(steps, memory) + LogOnePlusExp(-Math.Abs(steps - memory)));
        }
    }

    /// <summary>L_o(B, n).</summary>
    public double Loss(PairSide side, double batch, double samples) => Floor + Excess(side, batch, samples);

    /// <summary>ln of the ratio of both losses above the floor: positive means the second optimizer is ahead.</summary>
    public double Gap(double batch, double samples) =>
        Math.Log(Excess(PairSide.First, batch, samples) / Excess(PairSide.Second, batch, samples));

    /// <summary>The same draw with other memories: B_m times a factor, 1 for the same, below 1 for a longer one.</summary>
    public EfficiencyParameters WithMemory(double firstFactor, double secondFactor) =>
        this with
        {
            FirstMemory = FirstMemory * firstFactor,
            SecondMemory = SecondMemory * secondFactor,
        };

    // ln(1 + eˣ); below e^−36 the sum is 1 and its logarithm 0, which is as near as the loss can be told.
    private static double LogOnePlusExp(double x) => x > 36 ? x : Math.Log(1 + Math.Exp(x));
}
