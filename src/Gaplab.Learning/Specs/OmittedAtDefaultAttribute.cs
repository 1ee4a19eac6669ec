// Marks a member that specs have gained since stores were made.
namespace Gaplab.Learning.Specs;

/// <summary>JSON leaves the member out at its default, so that a hash over a spec that does not set it is what it was before there was such
/// a member. Every member of <see cref="OptimizerSpec"/>, <see cref="ProbesSpec"/> and <see cref="NoiseSpec"/> that is added has
/// it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OmittedAtDefaultAttribute : Attribute;
