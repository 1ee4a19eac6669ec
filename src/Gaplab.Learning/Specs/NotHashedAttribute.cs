// Marks what a run's identity leaves out: where an input lies and what things are called.
namespace Gaplab.Learning.Specs;

/// <summary>A property of a run spec that is kept in the store but is no part of the run's identity.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotHashedAttribute : Attribute;
