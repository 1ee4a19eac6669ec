// The best learning rate of an arm while its study runs.
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Reading;

/// <summary>The best learning rate of an arm so far.</summary>
public sealed record BestSoFar(string Arm, string Optimizer, int Batch, double? LearningRate, double? Loss, SentinelStatus Status);
