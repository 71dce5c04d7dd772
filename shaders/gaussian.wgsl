// Half of the Gaussian chi2 (2.7) of one bin and its derivatives, at mu = mu_ref + change. An entry begins with
// (1/variance, mu_ref - n, 0, 0).

/// Whether the Hessian changes from step to step.
const CURVATURE_CHANGES = false;

/// A linear model has no bounds.
fn allowed(head: vec4<f32>, change: f32) -> bool {
    return true;
}

/// First and second derivative in mu.
fn derivatives(head: vec4<f32>, change: f32) -> vec2<f32> {
    return vec2<f32>(head.x * (head.y + change), head.x);
}

/// Half of ((mu - n)^2 - (mu_ref - n)^2)/variance.
fn rise(head: vec4<f32>, change: f32) -> f32 {
    return head.x * change * (head.y + 0.5 * change);
}
