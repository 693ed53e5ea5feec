"""What every study runs on: experiments, what they measured, the claims that follow, and the page that shows them."""
