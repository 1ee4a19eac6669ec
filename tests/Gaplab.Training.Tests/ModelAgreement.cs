// What every model must agree with: its recorded PyTorch vectors, and itself one replica at a time.
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

internal static class ModelAgreement
{
    /// <summary>Loss within 1e-12, gradient and Hessian-vector product within the tolerances given of entries no smaller than a thousandth
    /// of the largest.</summary>
    /// <param name="model">What is tested.</param>
    /// <param name="vector">What PyTorch gave.</param>
    /// <param name="rows">int64 [1, B, row].</param>
    /// <param name="gradient">Of the gradient.</param>
    /// <param name="product">Of the product.</param>
    /// <param name="training">The loss that training descends on, recorded as "smoothed".</param>
    public static void WithPyTorch(
        IModel model,
        JsonNode vector,
        Tensor rows,
        double gradient = 1e-9,
        double product = 1e-8,
        bool training = false
    )
    {
        Tensor theta = ModelPoint.Of(GoldenVectors.Row(model.Layout, vector["parameters"]!)),
            loss = Loss(model, theta, rows, training);
        Closeness.Same([vector[training ? "smoothed" : "loss"]!.GetValue<double>()], loss.ToDoubles(), 1e-12, what: "loss");
        double[] expected = GoldenVectors.Row(model.Layout, vector["gradient"]!);
        Closeness.Same(
            expected,
            Autograd.Gradient(loss.Sum(), theta).ToDoubles(),
            gradient,
            Closeness.LargestMagnitude(expected) * 1e-3,
            "gradient"
        );
        Tensor direction = Tensor.From<double>(GoldenVectors.Row(model.Layout, vector["vector"]!), 1, model.Layout.Count);
        double[] expectedProduct = GoldenVectors.Row(model.Layout, vector["hvp"]!);
        Closeness.Same(
            expectedProduct,
            Autograd.HessianVectorProduct(Loss(model, theta, rows, training).Sum(), theta, direction).ToDoubles(),
            product,
            Closeness.LargestMagnitude(expectedProduct) * 1e-3,
            "Hessian-vector product"
        );
    }

    /// <summary>Replicas together have the losses and gradients of replicas alone.</summary>
    /// <param name="model">What is tested.</param>
    /// <param name="theta">[R, P].</param>
    /// <param name="rows">int64 [R, B, row].</param>
    /// <param name="losses">Tolerance of the losses.</param>
    /// <param name="gradients">Of the gradients, of entries no smaller than <paramref name="floor"/> of the largest.</param>
    /// <param name="floor">A fraction.</param>
    /// <param name="training">The loss that training descends on.</param>
    public static void OfReplicas(
        IModel model,
        Tensor theta,
        Tensor rows,
        double losses,
        double gradients,
        double floor = 1e-3,
        bool training = false
    )
    {
        Tensor loss = Loss(model, theta, rows, training);
        double[] together = loss.ToDoubles(),
            gradient = Autograd.Gradient(loss.Sum(), theta).ToDoubles();
        int count = (int)model.Layout.Count;
        for (int r = 0; r < together.Length; r++)
        {
            Tensor alone = theta.Detach().Narrow(0, r, 1).Clone();
            alone.RequiresGrad = true;
            Tensor own = Loss(model, alone, rows.Narrow(0, r, 1), training);
            Closeness.Same(own.ToDoubles(), together.AsSpan(r, 1), losses, what: "loss");
            double[] expected = Autograd.Gradient(own.Sum(), alone).ToDoubles();
            Closeness.Same(
                expected,
                gradient.AsSpan(r * count, count),
                gradients,
                Closeness.LargestMagnitude(expected) * floor,
                "gradient"
            );
        }
    }

    private static Tensor Loss(IModel model, Tensor theta, Tensor rows, bool training) =>
        training ? model.TrainingLoss(theta, rows) : model.Loss(theta, rows);
}
