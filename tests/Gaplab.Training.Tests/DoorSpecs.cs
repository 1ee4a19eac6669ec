// What the libraries show: the types that another of them or a sample uses, what their signatures need, and the doors listed here.
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Gaplab.Training.Tests;

public sealed partial class DoorSpecs
{
    /// <summary>Public for programs of others, though no project of ours needs it: by full name, with the reason.</summary>
    private static readonly Dictionary<string, string> Doors = new()
    {
        ["Gaplab.Learning.Data.IClassificationTask"] = "a task of one's own whose accuracy is wanted implements it",
        ["Gaplab.Learning.Models.IEncoderDecoder"] = "a model of one's own that translates implements it",
        ["Gaplab.Learning.Models.IRunningStatistics"] = "a model of one's own with batch norm implements it",
        ["Gaplab.Learning.Models.Layers.Activation"] = "a layer that a model of one's own may be built of",
        ["Gaplab.Learning.Models.Layers.CausalWindow"] = "a layer that a model of one's own may be built of",
        ["Gaplab.Learning.Models.Layers.Embedding"] = "a layer that a model of one's own may be built of",
        ["Gaplab.Learning.Models.Layers.Mlp"] = "a layer that a model of one's own may be built of",
        ["Gaplab.Learning.Models.Layers.Norm"] = "a layer that a model of one's own may be built of",
        ["Gaplab.Learning.Training.IWindowProbe"] = "a probe of one's own implements it",
        ["Gaplab.Numerics.Stable.IsotropicStable"] = "the laws of the package",
        ["Gaplab.Numerics.Stable.SkewStable"] = "the laws of the package",
        ["Gaplab.Numerics.Stable.StableLaw"] = "docs/tails.md names it",
        ["Gaplab.Studies.Escape.NetworkPotential"] = "docs/escape.md names it",
    };

    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The program and its libraries, as they lie beside the tests.</summary>
    private static readonly ImmutableArray<Assembly> Product =
    [
        .. Directory
            .EnumerateDirectories(Repository.At("src"), "Gaplab.*")
            .Select(AssemblyName)
            .Order(StringComparer.Ordinal)
            .Select(Assembly.Load),
    ];

    private static string AssemblyName(string project) => Path.GetFileName(project) is "Gaplab.Cli" ? "gaplab" : Path.GetFileName(project);

    [Fact]
    public void A_type_is_public_only_if_another_project_or_a_sample_uses_it_or_a_signature_needs_it_or_it_is_a_door()
    {
        List<string> needless = Needless(Doors.Keys);
        Assert.True(
            needless.Count == 0,
            $"no other project needs them; make them internal, or list them in Doors with the reason: {string.Join(", ", needless)}"
        );
    }

    [Fact]
    public void Without_its_line_in_the_list_a_door_would_be_named()
    {
        List<string> idle = [.. Doors.Keys.Except(Needless([]))];
        Assert.True(idle.Count == 0, $"no public types, or public anyhow; take them out of Doors: {string.Join(", ", idle)}");
    }

    /// <summary>Full names of the public types that nothing needs.</summary>
    private static List<string> Needless(IReadOnlyCollection<string> doors)
    {
        HashSet<Type> needed = [];
        var open = new Stack<Type>(
            UsedElsewhere().Concat(UsedForConstants()).Concat(UsedBySamples()).Concat(PublicTypes().Where(t => doors.Contains(t.FullName!)))
        );
        while (open.TryPop(out Type? type))
            if (type.IsVisible && Product.Contains(type.Assembly) && needed.Add(type))
                foreach (Type other in Signature(type).SelectMany(Named))
                    open.Push(other);
        return [.. PublicTypes().Except(needed).Select(t => t.FullName!).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<Type> PublicTypes() => Product.SelectMany(a => a.GetExportedTypes());

    /// <summary>Types to which the compiled code of another project refers.</summary>
    private static IEnumerable<Type> UsedElsewhere()
    {
        Dictionary<string, Assembly> homes = Product.ToDictionary(a => a.GetName().Name!);
        foreach (Assembly user in Product)
        foreach ((string home, string name) in References(user.Location))
            if (homes.TryGetValue(home, out Assembly? assembly) && !SeesInside(user, assembly))
                yield return assembly.GetType(name, throwOnError: true)!;
    }

    /// <summary>Types of whose constants the source of another project names one: a constant is compiled into its users, without a
    /// reference.</summary>
    private static IEnumerable<Type> UsedForConstants()
    {
        foreach (string project in Directory.EnumerateDirectories(Repository.At("src"), "Gaplab.*"))
        {
            Assembly user = Assembly.Load(AssemblyName(project));
            HashSet<string> dotted =
            [
                .. Sources(project).SelectMany(text => Dotted().Matches(text)).Select(m => $"{m.Groups[1]}.{m.Groups[2]}"),
            ];
            foreach (Type type in PublicTypes().Where(t => t.Assembly != user && !SeesInside(user, t.Assembly)))
                if (type.GetFields().Any(f => f.IsLiteral && dotted.Contains($"{type.Name}.{f.Name}")))
                    yield return type;
        }
    }

    /// <summary>A friend sees what is internal: for it nothing need be public.</summary>
    private static bool SeesInside(Assembly user, Assembly home) =>
        home.GetCustomAttributes<InternalsVisibleToAttribute>().Any(friend => friend.AssemblyName == user.GetName().Name);

    /// <summary>Types of other assemblies that an assembly refers to: of which, and the full name.</summary>
    private static List<(string Assembly, string Name)> References(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        MetadataReader reader = file.GetMetadataReader();
        (string, string) Resolve(TypeReference type)
        {
            string name = reader.GetString(type.Name);
            if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            {
                (string home, string outer) = Resolve(reader.GetTypeReference((TypeReferenceHandle)type.ResolutionScope));
                return (home, $"{outer}+{name}");
            }
            AssemblyReference scope = reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
            return (reader.GetString(scope.Name), $"{reader.GetString(type.Namespace)}.{name}");
        }
        return [.. reader.TypeReferences.Select(handle => Resolve(reader.GetTypeReference(handle)))];
    }

    /// <summary>Types that the source of a sample names and whose namespace it imports.</summary>
    private static IEnumerable<Type> UsedBySamples()
    {
        ILookup<string, Type> types = PublicTypes().ToLookup(t => t.Name.Split('`')[0]);
        foreach (string text in Sources(Repository.At("samples")))
        foreach (string word in Word().Matches(text).Select(m => m.Value).Distinct())
        foreach (Type type in types[word].Where(t => text.Contains($"using {t.Namespace};", StringComparison.Ordinal)))
            yield return type;
    }

    /// <summary>The files of a folder, without comments.</summary>
    private static IEnumerable<string> Sources(string folder) =>
        Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => Regex.Replace(File.ReadAllText(path), "//.*", ""));

    /// <summary>What must be public for a type to be: bases, interfaces, constraints, attributes, and what open members take and
    /// give.</summary>
    private static IEnumerable<Type> Signature(Type type)
    {
        IEnumerable<Type> types = [.. type.GetInterfaces(), .. Constraints(type), .. Attributes(type)];
        if (type.BaseType is { } parent)
            types = types.Append(parent);
        foreach (FieldInfo field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
            types = [.. types, field.FieldType, .. Attributes(field)];
        foreach (MethodBase method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)).Where(IsOpen))
        {
            types = [.. types, .. method.GetParameters().Select(p => p.ParameterType), .. Attributes(method)];
            if (method is MethodInfo called)
                types = [.. types, called.ReturnType, .. called.GetGenericArguments().SelectMany(a => a.GetGenericParameterConstraints())];
        }
        foreach (PropertyInfo property in type.GetProperties(Declared).Where(p => p.GetAccessors(nonPublic: true).Any(IsOpen)))
            types = types.Concat(Attributes(property));
        return types;
    }

    private static bool IsOpen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static IEnumerable<Type> Constraints(Type type) =>
        type.GetGenericArguments().Where(a => a.IsGenericParameter).SelectMany(a => a.GetGenericParameterConstraints());

    private static IEnumerable<Type> Attributes(MemberInfo member) => member.CustomAttributes.Select(a => a.AttributeType);

    /// <summary>The definitions named in a type: its own, those of its arguments and elements, and those around it.</summary>
    private static IEnumerable<Type> Named(Type type)
    {
        if (type.HasElementType)
            return Named(type.GetElementType()!);
        if (type.IsGenericParameter)
            return [];
        Type own = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        IEnumerable<Type> around = own.DeclaringType is { } outer ? Named(outer) : [];
        return [own, .. around, .. type.GenericTypeArguments.SelectMany(Named)];
    }

    [GeneratedRegex(@"\b([A-Z]\w*)(?=\.([A-Z]\w*))")]
    private static partial Regex Dotted();

    [GeneratedRegex(@"\b[A-Z]\w*\b")]
    private static partial Regex Word();
}
