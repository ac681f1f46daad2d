// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package chance has the probability distributions that statistics are judged by: normal, Student's t, chi-square, F, beta
// and gamma, each with its distribution function and, where it is needed, its inverse. They are good to ten digits, also
// with hundreds of thousands of degrees of freedom, where the usual recipe by log-gamma functions loses digits.
//
// [Estimate] is how every package of impact hands on a number: with its standard error, its 95 % interval and its p. A
// number without them is not handed on.
//
// Sources: Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, chapters 6 and 26; the continued fractions
// are evaluated as by Lentz; the logarithm of the beta function as in TOMS 708 (DiDonato and Morris, 1992).
package chance

import "math"

// Normal is how often a standard normal variable is at most z.
func Normal(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// Beyond is how often a standard normal variable is further from 0 than z.
func Beyond(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// NormalQuantile is the z that a standard normal variable stays below with probability p.
func NormalQuantile(p float64) float64 {
	if p > 0.5 {
		return -NormalQuantile(1 - p)
	}
	z := -math.Sqrt2 * math.Erfcinv(2*p)
	if math.IsInf(z, 0) || math.IsNaN(z) {
		return z
	}
	// The library's inverse loses digits far out; one step of Newton's brings them back.
	return z - (Normal(z)-p)*math.Sqrt(2*math.Pi)*math.Exp(z*z/2)
}

// Student is how often Student's t with so many degrees of freedom is at most t.
func Student(t, freedom float64) float64 {
	tail := StudentBeyond(t, freedom) / 2
	if t > 0 {
		return 1 - tail
	}
	return tail
}

// StudentBeyond is how often Student's t is further from 0 than t.
func StudentBeyond(t, freedom float64) float64 {
	if math.IsInf(freedom, 1) {
		return Beyond(t)
	}
	if math.IsNaN(t) {
		return math.NaN()
	}
	if math.IsInf(t, 0) {
		return 0
	}
	return beta(freedom/2, 0.5, freedom/(freedom+t*t), t*t/(freedom+t*t))
}

// StudentQuantile is the t that Student's t stays below with probability p.
func StudentQuantile(p, freedom float64) float64 {
	if math.IsInf(freedom, 1) {
		return NormalQuantile(p)
	}
	if p == 0.5 {
		return 0
	}
	if p < 0.5 {
		return -StudentQuantile(1-p, freedom)
	}
	return invert(p, NormalQuantile(p), func(t float64) float64 { return Student(t, freedom) })
}

// ChiSquare is how often a chi-square variable is at most x.
func ChiSquare(x, freedom float64) float64 { return gamma(freedom/2, x/2, false) }

// ChiSquareAbove is how often a chi-square variable is more than x.
func ChiSquareAbove(x, freedom float64) float64 { return gamma(freedom/2, x/2, true) }

// F is how often an F variable with so many degrees of freedom is at most x.
func F(x, freedom1, freedom2 float64) float64 {
	if x <= 0 {
		return 0
	}
	d := freedom1*x + freedom2
	return beta(freedom1/2, freedom2/2, freedom1*x/d, freedom2/d)
}

// FAbove is how often an F variable is more than x.
func FAbove(x, freedom1, freedom2 float64) float64 {
	if x <= 0 {
		return 1
	}
	d := freedom1*x + freedom2
	return beta(freedom2/2, freedom1/2, freedom2/d, freedom1*x/d)
}

// Beta is how often a beta variable with shapes a and b is at most x, which is the regularized incomplete beta function.
func Beta(x, a, b float64) float64 { return beta(a, b, x, 1-x) }

// BetaQuantile is the x that a beta variable stays below with probability p.
func BetaQuantile(p, a, b float64) float64 {
	low, high := 0.0, 1.0
	for range 200 {
		mid := (low + high) / 2
		if mid == low || mid == high {
			break
		}
		if Beta(mid, a, b) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// invert finds the x > 0 with cdf(x) = p by the secant method between bounds that it keeps.
func invert(p, start float64, cdf func(x float64) float64) float64 {
	low, high := 0.0, max(start, 1)
	for cdf(high) < p && high < 1e300 {
		low, high = high, high*2
	}
	fl, fh := cdf(low)-p, cdf(high)-p
	for i := range 300 {
		x := low + (high-low)*fl/(fl-fh)
		if i%3 == 2 || !(x > low && x < high) {
			x = (low + high) / 2
		}
		if x == low || x == high {
			break
		}
		f := cdf(x) - p
		if f == 0 {
			return x
		}
		if f < 0 {
			low, fl = x, f
		} else {
			high, fh = x, f
		}
		if high-low <= 4e-16*high {
			break
		}
	}
	return (low + high) / 2
}

const (
	steps = 100_000 // at most; the continued fractions take some square root of the greater shape
	close = 1e-16
	tiny  = 1e-300
)

// beta is the regularized incomplete beta function at x, y being 1 - x without the rounding.
func beta(a, b, x, y float64) float64 {
	switch {
	case math.IsNaN(a+b+x+y) || a <= 0 || b <= 0:
		return math.NaN()
	case x <= 0:
		return 0
	case y <= 0:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - beta(b, a, y, x)
	}
	lx, ly := math.Log(x), math.Log(y)
	if x > 0.5 {
		lx = math.Log1p(-y)
	}
	if y > 0.5 {
		ly = math.Log1p(-x)
	}
	front := math.Exp(a*lx+b*ly-logBeta(a, b)) / a
	f, c, d := 1.0, 1.0, 0.0
	for i := range steps {
		m := float64(i / 2)
		k := 1.0
		switch {
		case i == 0:
		case i%2 == 0:
			k = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		default:
			k = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		d = 1 / away(1+k*d)
		c = away(1 + k/c)
		f *= c * d
		if math.Abs(1-c*d) < close {
			break
		}
	}
	return front * (f - 1)
}

// away keeps a divisor from being 0.
func away(v float64) float64 {
	if math.Abs(v) < tiny {
		return tiny
	}
	return v
}

// logBeta is the logarithm of the beta function. Where a shape is great, the great parts of the three log-gamma functions
// cancel each other before they are computed.
func logBeta(a, b float64) float64 {
	small, great := min(a, b), max(a, b)
	if great < 10 {
		la, _ := math.Lgamma(a)
		lb, _ := math.Lgamma(b)
		lab, _ := math.Lgamma(a + b)
		return la + lb - lab
	}
	share := small / (small + great)
	if small < 10 {
		l, _ := math.Lgamma(small)
		return l + stirling(great) - stirling(small+great) + small - small*math.Log(small+great) + (great-0.5)*math.Log1p(-share)
	}
	return -0.5*math.Log(great) + 0.5*math.Log(2*math.Pi) + stirling(small) + stirling(great) - stirling(small+great) +
		(small-0.5)*math.Log(share) + great*math.Log1p(-share)
}

// stirling is what Stirling's formula for the log-gamma function leaves out, for x from 10 on.
func stirling(x float64) float64 {
	s := 1 / (x * x)
	return (1.0/12 - s*(1.0/360-s*(1.0/1260-s*(1.0/1680-s*(1.0/1188-s*691.0/360360))))) / x
}

// gamma is the regularized incomplete gamma function, from 0 to x or, where upper is set, from x on.
func gamma(a, x float64, upper bool) float64 {
	switch {
	case math.IsNaN(a+x) || a <= 0:
		return math.NaN()
	case x <= 0:
		if upper {
			return 1
		}
		return 0
	case math.IsInf(x, 1):
		if upper {
			return 0
		}
		return 1
	}
	front := math.Exp(a*math.Log(x) - x - logGamma(a))
	if x < a+1 { // by its series
		sum, term := 1/a, 1/a
		for i := 1; i < steps && term > close*sum; i++ {
			term *= x / (a + float64(i))
			sum += term
		}
		if upper {
			return 1 - front*sum
		}
		return front * sum
	}
	b := x + 1 - a
	c, d := 1/tiny, 1/away(b)
	f := d
	for i := 1; i < steps; i++ {
		k := -float64(i) * (float64(i) - a)
		b += 2
		d = 1 / away(k*d+b)
		c = away(b + k/c)
		f *= c * d
		if math.Abs(1-c*d) < close {
			break
		}
	}
	if upper {
		return front * f
	}
	return 1 - front*f
}

func logGamma(x float64) float64 { v, _ := math.Lgamma(x); return v }

// NoncentralStudent is how often Student's t with so many degrees of freedom is at most t where its mean is moved by so many
// standard errors (Lenth, algorithm AS 243, 1989). Where that is far beyond what matters it is 0.
func NoncentralStudent(t, freedom, moved float64) float64 {
	if t < 0 {
		return 1 - NoncentralStudent(-t, freedom, -moved)
	}
	if math.Abs(moved) > 37 {
		if moved > 0 {
			return 0
		}
		return 1
	}
	x, y := t*t/(t*t+freedom), freedom/(t*t+freedom)
	half := moved * moved / 2
	p := math.Exp(-half)
	q := moved * p * math.Sqrt(2/math.Pi)
	sum, rest := 0.0, 1.0
	for j := range 2000 {
		sum += p*beta(float64(j)+0.5, freedom/2, x, y) + q*beta(float64(j)+1, freedom/2, x, y)
		rest -= p
		if rest < 1e-14 && float64(j) > half {
			break
		}
		p *= half / float64(j+1)
		q *= half / (float64(j) + 1.5)
	}
	return min(1, Normal(-moved)+sum/2)
}
