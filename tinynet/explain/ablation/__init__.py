"""What happens without some units: knock-outs, orders of knocking out, pruning, confusions."""
