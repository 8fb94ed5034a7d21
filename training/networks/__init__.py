"""The networks that learn, and those that they learn against."""
